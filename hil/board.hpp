// A board's top, cycle by cycle, with a host's UART at its two pins, bit for bit.
//
// Times are in 2^-32 clock cycles, so any ratio of clock and baud rate keeps its average.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

namespace spikelock {

// What one call shares with simulation.py, field by field, each of 8 bytes.
struct Exchange {
    const uint8_t* to_board;
    uint64_t to_board_count, to_board_done;
    uint8_t* from_board;
    uint64_t from_board_room, from_board_done;
    uint64_t cycles_wanted, cycles_done;
    uint64_t enough_quiet;  // stops when nothing has moved on the line, nor in the chain, for so many cycles
    uint64_t quiet;
    uint64_t framing_errors;  // of what the board sends
};

class Board {
public:
    Board() : dut_(std::make_unique<Vdut>(&context_, "")) { dut_->rx = 1; }

    // Clock cycles of a bit on the host's side, in 2^-32.
    void bit(uint64_t period) { period_ = period; }

    bool advance(Exchange& e) {
        try {
            run(e);
            return true;
        } catch (const std::string& message) {
            message_ = message;
            return false;
        }
    }

    const char* message() const { return message_.c_str(); }

private:
    static constexpr uint64_t cycle = uint64_t{1} << 32;
    static constexpr unsigned character = 10;  // bits: start, eight of data, stop

    void run(Exchange& e) {
        const uint64_t end = e.cycles_done + e.cycles_wanted;
        while (e.cycles_done != end && e.from_board_done != e.from_board_room && e.quiet < e.enough_quiet) {
            if (sending_ ? now_ >= send_next_ : e.to_board_done != e.to_board_count) send(e);
            dut_->clk = 1;
            evaluate();
            dut_->clk = 0;
            evaluate();
            if (receiving_ ? now_ >= receive_next_ : dut_->tx != was_high_) receive(e);
            now_ += cycle;
            ++e.cycles_done;
            e.quiet = sending_ || receiving_ || dut_->busy ? 0 : e.quiet + 1;
        }
    }

    void send(Exchange& e) {
        if (sending_ > 1) {
            --sending_;
            send_next_ += period_;
            dut_->rx = shift_ & 1;
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
        dut_->rx = 0;
        sending_ = character;
        send_next_ = start + period_;
    }

    void receive(Exchange& e) {
        if (!receiving_) {
            if (!was_high_) return void(was_high_ = dut_->tx);
            receiving_ = character - 1;
            receive_next_ = now_ + period_ + period_ / 2;
            received_ = 0;
            return;
        }
        receive_next_ += period_;
        if (--receiving_) {
            received_ = received_ >> 1 | (dut_->tx ? 0x80 : 0);
            return;
        }
        was_high_ = dut_->tx;
        if (was_high_) e.from_board[e.from_board_done++] = received_;
        else ++e.framing_errors;
    }

    // As in shim.hpp: without the mutexes of Verilator's eval(), which this design does not need.
    void evaluate() {
#ifdef SPIKELOCK_DIRECT_EVAL
        if (initialised_) return Vdut___024root___eval(dut_->rootp);
        initialised_ = true;
#endif
        dut_->eval();
    }

    VerilatedContext context_;
    std::unique_ptr<Vdut> dut_;
    std::string message_;
    bool initialised_ = false;
    uint64_t now_ = 0, period_ = cycle * 4;
    uint64_t send_next_ = 0, receive_next_ = 0;
    unsigned sending_ = 0, receiving_ = 0;  // bits of the character still to come, the present one included
    unsigned shift_ = 0;
    uint8_t received_ = 0;
    bool was_high_ = true;
};

}  // namespace spikelock

// An assertion, $stop or $finish in the model ends the run, not the process.
[[noreturn]] static void abort_run(const char* file, int line, const char* what) {
    throw std::string(what) + " at " + file + ":" + std::to_string(line);
}
void vl_finish(const char* file, int line, const char*) { abort_run(file, line, "$finish"); }
void vl_stop(const char* file, int line, const char*) { abort_run(file, line, "assertion or $stop"); }
void vl_fatal(const char* file, int line, const char*, const char* message) { abort_run(file, line, message); }

#define EXPORT extern "C" __attribute__((visibility("default")))
using spikelock::Board;

EXPORT Board* board_open() { return new Board; }
EXPORT void board_close(Board* board) { delete board; }
EXPORT void board_bit(Board* board, uint64_t period) { board->bit(period); }
EXPORT bool board_advance(Board* board, spikelock::Exchange* exchange) { return board->advance(*exchange); }
EXPORT const char* board_message(Board* board) { return board->message(); }
