// Loops over flat arrays of integers, for the engine; models/engine/kernel/__init__.py calls them.
//
// Every loop is plain C++, which the compiler makes the best of for the machine at hand. Where there is a
// second one, under #ifdef, the compiler was seen not to find the instructions for it by itself.

#include <cstdint>
#include <cstring>

#ifdef __AVX2__
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

// ---------------------------------------------------------------- streams
// bit t of stream k = [R_k(t) < thresholds[k]],  t < length, 64 of them to a word

template <typename T> static inline uint64_t at_most(const T *numbers, T limit) {
    uint8_t flags[64];
    for (int t = 0; t < 64; t++) flags[t] = numbers[t] <= limit ? 0xff : 0;
#ifdef __AVX2__
    const uint32_t low = _mm256_movemask_epi8(_mm256_loadu_si256((const __m256i *)flags));
    const uint32_t high = _mm256_movemask_epi8(_mm256_loadu_si256((const __m256i *)(flags + 32)));
    return low | (uint64_t)high << 32;
#else
    uint64_t word = 0;
    for (int byte = 0; byte < 8; byte++) {
        uint64_t eight;
        memcpy(&eight, flags + 8 * byte, 8);
        word |= ((eight & 0x0101010101010101) * 0x0102040810204080 >> 56) << 8 * byte;
    }
    return word;
#endif
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

template <typename T> static T limit_of(int64_t threshold) {
    const uint64_t limit = threshold - 1, most = (T)~(T)0;
    return limit < most ? limit : most;
}

static uint64_t tail_of(int64_t length) { return ~0ull >> (-length & 63); }

// Slices of one cycle of numbers: R_k(t) = cycle[(phases[k] + t) mod period]. After the period the cycle goes
// on for 64 numbers or more, so that every word is one slice.

template <typename T>
static void slices(const T *cycle, int64_t period, const uint32_t *phases, const int64_t *thresholds,
                   int64_t count, int64_t length, uint64_t *out) {
    const int64_t words = (length + 63) / 64;
    for (int64_t k = 0; k < count; k++, out += words) {
        if (thresholds[k] <= 0) {
            memset(out, 0, sizeof *out * words);
            continue;
        }
        const T limit = limit_of<T>(thresholds[k]);
        int64_t place = phases[k];
        for (int64_t w = 0; w < words; w++, place += 64) {
            if (place >= period) place %= period;
            out[w] = at_most(cycle + place, limit);
        }
        out[words - 1] &= tail_of(length);
    }
}

#define SLICES(bits)                                                                                         \
    extern "C" void slices_##bits(const uint##bits##_t *cycle, int64_t period, const uint32_t *phases,       \
                                  const int64_t *thresholds, int64_t count, int64_t length, uint64_t *out) { \
        slices(cycle, period, phases, thresholds, count, length, out);                                       \
    }
SLICES(8)
SLICES(16)
SLICES(32)

// Shift registers of up to 62 bits: R_k(0) = seeds[k]. Once there are `width` states, made step by step, the
// others follow from the recurrence R(t) = XOR over e of R(t − e). It holds for all e times a power of two as
// well; so the more states there are, the more new ones are independent of each other.

enum Kind { LEFT, RIGHT, GALOIS };

static uint64_t step(int64_t kind, int64_t width, uint64_t taps, uint64_t state) {
    if (kind == GALOIS) return state >> 1 ^ (state & 1 ? taps : 0);
    const uint64_t feedback = __builtin_parityll(state & taps);
    if (kind == RIGHT) return state >> 1 | feedback << (width - 1);
    return (state << 1 & ((1ull << width) - 1)) | feedback;
}

template <typename T>
static void walks(int64_t kind, int64_t width, int64_t taps, const int64_t *exponents, int64_t terms,
                  const int64_t *seeds, const int64_t *thresholds, int64_t count, int64_t length,
                  uint64_t *out) {
    const int64_t words = (length + 63) / 64, most = 64;  // words of a block, which stays in the cache
    T states[2 * 64 * most], *block = states + 64 * most;  // the block before it, and the block
    int64_t least = width;
    for (int64_t term = 0; term < terms; term++) least = exponents[term] < least ? exponents[term] : least;
    for (int64_t k = 0; k < count; k++, out += words) {
        const T limit = limit_of<T>(thresholds[k]);
        uint64_t state = seeds[k];
        for (int64_t t = 0; t < width; t++, state = step(kind, width, taps, state)) block[t] = state;
        for (int64_t first = 0; first < words; first += most) {
            const int64_t here = words - first < most ? words - first : most;
            int64_t scale = 1;
            if (first) memcpy(states, block, 64 * most * sizeof(T));
            for (int64_t t = first ? 0 : width, run; t < 64 * here; t += run) {
                while (2 * scale * width <= t + (first ? 64 * most : 0)) scale *= 2;
                run = 64 * here - t < scale * least ? 64 * here - t : scale * least;
                T *following = block + t;
                memset(following, 0, run * sizeof(T));
                for (int64_t term = 0; term < terms; term++) {
                    const T *earlier = following - scale * exponents[term];
#pragma GCC ivdep
                    for (int64_t i = 0; i < run; i++) following[i] ^= earlier[i];
                }
            }
            for (int64_t w = 0; w < here; w++)
                out[first + w] = thresholds[k] > 0 ? at_most(block + 64 * w, limit) : 0;
        }
        out[words - 1] &= tail_of(length);
    }
}

#define WALKS(bits)                                                                                          \
    extern "C" void walks_##bits(int64_t kind, int64_t width, int64_t taps, const int64_t *exponents,        \
                                 int64_t terms, const int64_t *seeds, const int64_t *thresholds,             \
                                 int64_t count, int64_t length, uint64_t *out) {                             \
        walks<uint##bits##_t>(kind, width, taps, exponents, terms, seeds, thresholds, count, length, out);   \
    }
WALKS(32)
WALKS(64)
