// An Ethernet MAC at a board's two streams of packets, byte by byte. Included by board.hpp.
//
// What is exchanged are pairs: a byte of a frame, and whether it is its last. Verilator writes `__` as `___05F`.
#pragma once

namespace spikelock {

class Line {
public:
    static constexpr uint64_t most = 2;  // bytes of the exchange that come in one cycle

    void bit(uint64_t) {}

    // Before the clock's edge: drives inputs. Returns whether outputs have to be seen before the edge.
    bool before(Vdut& dut, Exchange& e) {
        dut.transmitted___05Fready = 1;
        const bool offers = e.to_board_count - e.to_board_done >= 2;
        const bool changed = offers || dut.received___05Fvalid;
        dut.received___05Fvalid = offers;
        if (offers) {
            const uint8_t* pair = e.to_board + e.to_board_done;
            dut.received___05Fpayload = pair[0] | (pair[1] ? 0x100 : 0);
        }
        return changed;
    }

    // What passes with the clock's edge.
    bool moves(Vdut& dut, Exchange& e) {
        bool moved = false;
        if (dut.received___05Fvalid && dut.received___05Fready) {
            e.to_board_done += 2;
            moved = true;
        }
        if (dut.transmitted___05Fvalid) {
            e.from_board[e.from_board_done++] = dut.transmitted___05Fpayload & 0xFF;
            e.from_board[e.from_board_done++] = dut.transmitted___05Fpayload >> 8;
            moved = true;
        }
        return moved;
    }

    void after(Vdut&, Exchange&) {}

    bool busy() const { return false; }
};

}  // namespace spikelock
