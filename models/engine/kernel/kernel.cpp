// Loops over flat arrays of integers, for the engine; models/engine/kernel/__init__.py calls them.
//
// Every loop is plain C++, which the compiler makes the best of for the machine at hand. Where there is a
// second one, under #ifdef, the compiler was seen not to find the instructions for it by itself.

#include <cstdint>
#include <cstring>

#ifdef __AVX512BW__
#include <immintrin.h>
#endif

// ---------------------------------------------------------------- overlaps
// out[s][i] = Σ_k popcount(a[s][k] & b[i][k])
//
// A row of `a` is multiplied with a few of `b` at once, which all stay in the nearest cache while the rows of
// `a` pass by: that is why rows are cut into blocks.

static const int ROWS = 4;         // of b; with more, their sums do not fit the registers
static const int64_t BLOCK = 256;  // words

template <int rows>
static void add_products(const uint64_t *a, const uint64_t *b, int64_t stride, int64_t words, int64_t *out) {
#ifdef __AVX512VPOPCNTDQ__
    __m512i sums[rows];
    for (int i = 0; i < rows; i++) sums[i] = _mm512_setzero_si512();
    for (int64_t k = 0; k < words; k += 8) {
        const __mmask8 here = words - k < 8 ? (1 << (words - k)) - 1 : 0xff;
        const __m512i other = _mm512_maskz_loadu_epi64(here, a + k);
        for (int i = 0; i < rows; i++) {
            const __m512i both = _mm512_and_si512(other, _mm512_maskz_loadu_epi64(here, b + i * stride + k));
            sums[i] = _mm512_add_epi64(sums[i], _mm512_popcnt_epi64(both));
        }
    }
    for (int i = 0; i < rows; i++) out[i] += _mm512_reduce_add_epi64(sums[i]);
#else
    int64_t sums[rows] = {};
    for (int64_t k = 0; k < words; k++)
        for (int i = 0; i < rows; i++) sums[i] += __builtin_popcountll(a[k] & b[i * stride + k]);
    for (int i = 0; i < rows; i++) out[i] += sums[i];
#endif
}

extern "C" void overlaps(const uint64_t *a, const uint64_t *b, int64_t *out, int64_t rows_a, int64_t rows_b,
                         int64_t words) {
    memset(out, 0, sizeof *out * rows_a * rows_b);
    const int64_t most = rows_a == 1 ? words : BLOCK;  // one row alone: nothing to keep, read on
    for (int64_t k = 0; k < words; k += most) {
        const int64_t block = words - k < most ? words - k : most;
        int64_t i = 0;
        for (; i + ROWS <= rows_b; i += ROWS)
            for (int64_t s = 0; s < rows_a; s++)
                add_products<ROWS>(a + s * words + k, b + i * words + k, words, block, out + s * rows_b + i);
        for (; i < rows_b; i++)
            for (int64_t s = 0; s < rows_a; s++)
                add_products<1>(a + s * words + k, b + i * words + k, words, block, out + s * rows_b + i);
    }
}

// ---------------------------------------------------------------- slices
// bit t of stream k = [cycle[(phases[k] + t) mod period] <= limits[k]],  t < length
//
// 64 numbers or more follow the cycle, its beginning again, so that every word is one slice.

template <typename T> static inline uint64_t at_most(const T *numbers, T limit) {
    uint64_t word = 0;
    uint8_t flags[64];
    for (int t = 0; t < 64; t++) flags[t] = numbers[t] <= limit;
    for (int byte = 0; byte < 8; byte++) {
        uint64_t eight;
        memcpy(&eight, flags + 8 * byte, 8);
        word |= (eight * 0x0102040810204080 >> 56) << 8 * byte;  // bit 0 of each byte, side by side
    }
    return word;
}

#ifdef __AVX512BW__
template <> inline uint64_t at_most(const uint8_t *numbers, uint8_t limit) {
    return _mm512_cmple_epu8_mask(_mm512_loadu_si512(numbers), _mm512_set1_epi8(limit));
}

template <> inline uint64_t at_most(const uint16_t *numbers, uint16_t limit) {
    const __m512i most = _mm512_set1_epi16(limit);
    const uint64_t low = _mm512_cmple_epu16_mask(_mm512_loadu_si512(numbers), most);
    const uint64_t high = _mm512_cmple_epu16_mask(_mm512_loadu_si512(numbers + 32), most);
    return low | high << 32;
}

template <> inline uint64_t at_most(const uint32_t *numbers, uint32_t limit) {
    const __m512i most = _mm512_set1_epi32(limit);
    uint64_t word = 0;
    for (int part = 0; part < 64; part += 16)
        word |= (uint64_t)_mm512_cmple_epu32_mask(_mm512_loadu_si512(numbers + part), most) << part;
    return word;
}
#endif

template <typename T>
static void slices_of(const T *cycle, int64_t period, const uint32_t *phases, const T *limits, int64_t count,
                      int64_t length, uint64_t *out) {
    const int64_t words = (length + 63) / 64;
    const uint64_t tail = ~0ull >> (-length & 63);
    for (int64_t k = 0; k < count; k++, out += words) {
        int64_t place = phases[k];
        for (int64_t w = 0; w < words; w++, place += 64) {
            if (place >= period) place %= period;
            out[w] = at_most(cycle + place, limits[k]);
        }
        out[words - 1] &= tail;
    }
}

extern "C" void slices_8(const uint8_t *cycle, int64_t period, const uint32_t *phases, const uint8_t *limits,
                         int64_t count, int64_t length, uint64_t *out) {
    slices_of(cycle, period, phases, limits, count, length, out);
}

extern "C" void slices_16(const uint16_t *cycle, int64_t period, const uint32_t *phases,
                          const uint16_t *limits, int64_t count, int64_t length, uint64_t *out) {
    slices_of(cycle, period, phases, limits, count, length, out);
}

extern "C" void slices_32(const uint32_t *cycle, int64_t period, const uint32_t *phases,
                          const uint32_t *limits, int64_t count, int64_t length, uint64_t *out) {
    slices_of(cycle, period, phases, limits, count, length, out);
}
