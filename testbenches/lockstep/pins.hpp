// Moves of one field between an int64 and bits [offset, offset + width) of a Verilated pin.
#pragma once
#include <cstdint>
#include <tuple>
#include <type_traits>

#include "verilated.h"

namespace spikelock {

template <class... P>
using Ports = std::tuple<P...>;

template <int width>
constexpr uint64_t ones = width == 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1;

// Whether a value is representable; an unsigned field of 64 bits carries its bits as they are.
template <int width, bool is_signed>
constexpr bool representable(int64_t value) {
    if constexpr (width == 64) return true;
    else if constexpr (is_signed) return value >= -(int64_t{1} << (width - 1)) && value < int64_t{1} << (width - 1);
    else return (static_cast<uint64_t>(value) & ~ones<width>) == 0;
}

template <int width, bool is_signed>
constexpr int64_t extend(uint64_t bits) {
    if constexpr (!is_signed || width == 64) return static_cast<int64_t>(bits);
    else return static_cast<int64_t>(bits << (64 - width)) >> (64 - width);
}

template <class Pin>
constexpr bool narrow = std::is_integral_v<Pin>;  // up to 64 bits; wider pins are arrays of 32-bit words

template <int offset, int width, class Pin>
void put(Pin& pin, int64_t value) {
    const uint64_t bits = static_cast<uint64_t>(value) & ones<width>;
    if constexpr (narrow<Pin>) {
        pin = static_cast<Pin>((pin & ~(ones<width> << offset)) | bits << offset);
    } else {
        for (int at = 0; at < width;) {
            const int word = (offset + at) / 32, shift = (offset + at) % 32;
            const int count = width - at < 32 - shift ? width - at : 32 - shift;
            const uint32_t mask = static_cast<uint32_t>(((uint64_t{1} << count) - 1) << shift);
            pin[word] = (pin[word] & ~mask) | (static_cast<uint32_t>(bits >> at << shift) & mask);
            at += count;
        }
    }
}

template <int offset, int width, bool is_signed, class Pin>
int64_t get(const Pin& pin) {
    if constexpr (narrow<Pin>) {
        return extend<width, is_signed>(static_cast<uint64_t>(pin) >> offset & ones<width>);
    } else {
        uint64_t bits = 0;
        for (int at = 0; at < width;) {
            const int word = (offset + at) / 32, shift = (offset + at) % 32;
            bits |= static_cast<uint64_t>(pin[word] >> shift) << at;
            at += 32 - shift;
        }
        return extend<width, is_signed>(bits & ones<width>);
    }
}

template <int offset, int width, class Pin>
void invert(Pin& pin) {
    put<offset, width>(pin, ~get<offset, width, false>(pin));
}

}  // namespace spikelock
