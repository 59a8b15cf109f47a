// A board's top, cycle by cycle, with what is at the other end of its line: see uart_line.hpp, mac_line.hpp.
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

constexpr uint64_t cycle = uint64_t{1} << 32;  // the unit of times: any ratio of clock and baud rate is kept

}  // namespace spikelock

#ifdef SPIKELOCK_ETHERNET
#include "mac_line.hpp"
#else
#include "uart_line.hpp"
#endif

namespace spikelock {

class Board {
public:
    Board() : dut_(std::make_unique<Vdut>(&context_, "")) {}

    // Clock cycles of a bit on the host's side, in 2^-32.
    void bit(uint64_t period) { line_.bit(period); }

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
    void run(Exchange& e) {
        const uint64_t end = e.cycles_done + e.cycles_wanted;
        while (e.cycles_done != end && e.from_board_room - e.from_board_done >= Line::most &&
               e.quiet < e.enough_quiet) {
            if (line_.before(*dut_, e)) evaluate();
            const bool moved = line_.moves(*dut_, e);
            dut_->clk = 1;
            evaluate();
            dut_->clk = 0;
            evaluate();
            line_.after(*dut_, e);
            ++e.cycles_done;
            e.quiet = moved || line_.busy() || dut_->busy ? 0 : e.quiet + 1;
        }
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
    Line line_;
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
