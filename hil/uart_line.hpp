// A host's UART at the two pins of a board, bit for bit. Included by board.hpp.
#pragma once

namespace spikelock {

class Line {
public:
    static constexpr uint64_t most = 1;  // bytes that come in one cycle

    void bit(uint64_t period) { period_ = period; }

    // Before the clock's edge: drives inputs. Returns whether outputs have to be seen before the edge.
    bool before(Vdut& dut, Exchange& e) {
        if (sending_ ? now_ >= send_next_ : e.to_board_done != e.to_board_count) send(dut, e);
        dut.rx = high_;
        return false;
    }

    // What passes with the clock's edge.
    bool moves(Vdut&, Exchange&) { return false; }

    void after(Vdut& dut, Exchange& e) {
        if (receiving_ ? now_ >= receive_next_ : dut.tx != was_high_) receive(dut, e);
        now_ += cycle;
    }

    bool busy() const { return sending_ || receiving_; }

private:
    static constexpr unsigned character = 10;  // bits: start, eight of data, stop

    void send(Vdut&, Exchange& e) {
        if (sending_ > 1) {
            --sending_;
            send_next_ += period_;
            high_ = shift_ & 1;
            shift_ = shift_ >> 1 | 0x100;
            return;
        }
        // The stop bit has ended, or there was none: the next character, right after it.
        const uint64_t start = sending_ ? send_next_ : now_;
        if (e.to_board_done == e.to_board_count) {
            sending_ = 0;
            return;
        }
        shift_ = 0x100u | e.to_board[e.to_board_done++];
        high_ = false;
        sending_ = character;
        send_next_ = start + period_;
    }

    void receive(Vdut& dut, Exchange& e) {
        if (!receiving_) {
            if (!was_high_) return void(was_high_ = dut.tx);
            receiving_ = character - 1;
            receive_next_ = now_ + period_ + period_ / 2;
            received_ = 0;
            return;
        }
        receive_next_ += period_;
        if (--receiving_) {
            received_ = received_ >> 1 | (dut.tx ? 0x80 : 0);
            return;
        }
        was_high_ = dut.tx;
        if (was_high_) e.from_board[e.from_board_done++] = received_;
        else ++e.framing_errors;
    }

    uint64_t now_ = 0, period_ = cycle * 4;
    uint64_t send_next_ = 0, receive_next_ = 0;
    unsigned sending_ = 0, receiving_ = 0;  // bits of the character still to come, the present one included
    unsigned shift_ = 0;
    uint8_t received_ = 0;
    bool was_high_ = true, high_ = true;
};

}  // namespace spikelock
