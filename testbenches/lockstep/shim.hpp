// Drives one Verilated model cycle by cycle from arrays of transactions, and collects and checks what comes out.
//
// A cycle of a clock: the ports of its domain change, everything settles with the clock low, handshakes are sampled,
// the clock rises. The structs up to `Run` are shared with model.py, field by field, each of 8 bytes.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace spikelock {

enum Status : uint64_t { RUNNING, FULL, DONE, HUNG, MISMATCH, OUT_OF_RANGE, VALID_DROPPED, PAYLOAD_CHANGED, ABORTED };

// The two-state chain of stalls.py, and the cycles that it lists.
struct Stall {
    uint64_t begin, end, after_valid, state, stalled;
    const uint64_t* cycles;
    uint64_t cycle_count, cycle;

    bool step() {
        const bool chained = step_chain();
        return step_list() || chained;
    }

    bool step_list() {
        if (cycle_count == 0) return false;
        const bool listed = *cycles == cycle++;
        cycles += listed;
        cycle_count -= listed;
        return listed;
    }

    bool step_chain() {
        if (begin == 0) return false;
        state += 0x9E3779B97F4A7C15u;
        uint64_t mixed = (state ^ state >> 30) * 0xBF58476D1CE4E5B9u;
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBu;
        const uint64_t draw = (mixed ^ mixed >> 31) >> 32;
        stalled = stalled ? draw >= end : draw < begin;
        return stalled;
    }
};

struct Input {
    const int64_t* records;
    uint64_t* stamps;  // cycle of each acceptance, or null
    uint64_t count, accepted;
    uint64_t offered;  // valid is high with records[accepted]
    Stall stall;
};

// Transactions equal to the expected ones are counted, not stored: storing starts at the first that differs.
struct Output {
    int64_t* records;  // from number `matched` on; null for a level that is not recorded
    uint64_t* stamps;  // cycle of each transaction, or null
    uint64_t record_capacity, stamp_capacity;
    uint64_t produced, matched;
    const int64_t* expected;
    uint64_t expected_count, comparing;  // comparing: all so far were the expected ones
    uint64_t needed;
    uint64_t waiting;  // valid was high and not accepted; the next record is the payload it must hold
    Stall stall;

    uint64_t stored() const { return produced - matched; }
    bool full() const { return stored() == record_capacity || (stamps && produced == stamp_capacity); }
};

struct Level {
    const int64_t* records;  // one a cycle; the last one holds
    uint64_t count, index;
};

struct Clock {
    uint64_t period, next;  // time of the next rising edge
    uint64_t cycle;         // rising edges so far in this run
    uint64_t in_reset;      // rising edges still to be spent in reset
};

struct Run {
    uint64_t cycles;     // cycles of the first clock so far
    uint64_t remaining;  // inputs not accepted plus needed outputs not produced
    uint64_t counted;    // the needed outputs are known: end `drain` cycles after the last; else after `drain` idle ones
    uint64_t drain, drained;
    uint64_t patience, quiet;  // cycles without a handshake: allowed, so far
    uint64_t stop_at_mismatch;
    const uint64_t* resets;  // cycles of the first clock at which reset begins
    uint64_t* marks;         // for each reset: inputs accepted and outputs produced before it
    uint64_t reset_count, resets_done, reset_length;
    uint64_t port;  // which one a status is about
};

class Simulation {
public:
    explicit Simulation(uint64_t seed) {
        context_.randReset(VM_COVERAGE ? 0 : 2);  // what is random at power-up must not count as covered
        context_.randSeed(static_cast<int>(seed % 0x7fffffff) + 1);
#ifdef SPIKELOCK_WAVE
        context_.traceEverOn(true);
#endif
        dut_ = std::make_unique<Vdut>(&context_, "");
    }
    ~Simulation() { stop_wave(); }

    void bind(Input* in, Output* out, Level* levels, Output* watched, Clock* clocks, Run* run) {
        in_ = in, out_ = out, levels_ = levels, watched_ = watched, clocks_ = clocks, run_ = run;
    }

    // Runs for at most so many cycles of the first clock.
    Status advance(uint64_t cycles) {
        status_ = RUNNING;
        try {
            const uint64_t end = run_->cycles + cycles;
            while (run_->cycles != end && status_ == RUNNING) step();
        } catch (const std::string& message) {
            message_ = message;
            status_ = ABORTED;
        }
        return status_;
    }

    void read_level(size_t port, int64_t* record) {
        visit<OutputLevels>([&](auto p, size_t i) { if (i == port) p.read(*dut_, record); });
    }

    const char* message() const { return message_.c_str(); }

    void start_wave(const char* file) {
#ifdef SPIKELOCK_WAVE
        wave_ = std::make_unique<SPIKELOCK_WAVE>();
        dut_->trace(wave_.get(), 99);
        wave_->open(file);
#endif
    }

    void stop_wave() {
#ifdef SPIKELOCK_WAVE
        if (wave_) wave_->close();
        wave_.reset();
#endif
    }

    void write_coverage(const char* file) {
#if VM_COVERAGE
        context_.coveragep()->write(file);
#endif
    }

private:
    static constexpr size_t clock_count = std::tuple_size_v<Clocks>;

    // Calls f(port, index) for each port of a list, unrolled.
    template <class List, class F>
    static void visit(F&& f) {
        visit_each<List>(f, std::make_index_sequence<std::tuple_size_v<List>>{});
    }
    template <class List, class F, size_t... i>
    static void visit_each(F& f, std::index_sequence<i...>) {
        (f(std::tuple_element_t<i, List>{}, i), ...);
    }

    // One moment at which clocks rise.
    void step() {
        if constexpr (clock_count > 1) find_rising();
        if (rises(0) && run_->resets_done < run_->reset_count && run_->cycles == run_->resets[run_->resets_done])
            begin_reset();

        visit<InputLevels>([&](auto p, size_t i) { if (rises(p.clock)) drive(p, levels_[i], i); });
        visit<InputStreams>([&](auto p, size_t i) { if (rises(p.clock)) drive(p, in_[i], i); });
        visit<OutputStreams>([&](auto p, size_t i) { if (rises(p.clock)) make_ready(p, out_[i]); });
        visit<Clocks>([&](auto p, size_t) {
            p.clock(*dut_, false);
            p.reset(*dut_, in_reset_);
        });
        evaluate();
        dump(0);

        fired_ = false;
        visit<InputStreams>([&](auto p, size_t i) { if (rises(p.clock)) sample(p, in_[i]); });
        visit<OutputStreams>([&](auto p, size_t i) { if (rises(p.clock)) sample(p, out_[i], i); });
        visit<OutputLevels>([&](auto p, size_t i) { if (rises(p.clock)) watch(p, watched_[i]); });

        visit<Clocks>([&](auto p, size_t i) { if (rises(i)) p.clock(*dut_, true); });
        evaluate();
        dump(1);
        visit<Clocks>([&](auto, size_t i) { if (rises(i)) ++clocks_[i].cycle; });
        if (in_reset_) count_reset();
        active_ |= fired_;
        if (rises(0)) end_cycle();
    }

    // Verilator's eval() also takes two mutexes, for threads and classes that these designs do not have: a quarter of
    // the time of a small core. After the first call, which initialises, the design's own function does the same.
    void evaluate() {
#ifdef SPIKELOCK_DIRECT_EVAL
        if (initialised_) return Vdut___024root___eval(dut_->rootp);
        initialised_ = true;
#endif
        dut_->eval();
    }

    bool rises(size_t clock) const { return clock_count == 1 || rising_ >> clock & 1; }

    void find_rising() {
        now_ = ~uint64_t{0};
        for (size_t i = 0; i < clock_count; ++i) now_ = std::min(now_, clocks_[i].next);
        rising_ = 0;
        for (size_t i = 0; i < clock_count; ++i) {
            if (clocks_[i].next != now_) continue;
            rising_ |= uint64_t{1} << i;
            clocks_[i].next += clocks_[i].period;
        }
    }

    template <class P>
    void drive(P, Level& level, size_t index) {
        if (level.index == level.count) return;
        const int64_t* record = level.records + P::fields * level.index++;
        if (!P::fits(record)) return fail(OUT_OF_RANGE, std::tuple_size_v<InputStreams> + index);
        P::drive(*dut_, record);
    }

    // Once valid is high it holds, with its payload, until the transaction is accepted. An idle payload is scrambled.
    template <class P>
    void drive(P, Input& in, size_t index) {
        const bool stalled = in.stall.step();
        if (in_reset_) in.offered = 0;
        else if (in.offered) return;
        else if (!stalled && in.accepted != in.count) {
            const int64_t* record = in.records + P::fields * in.accepted;
            if (!P::fits(record)) return fail(OUT_OF_RANGE, index);
            P::drive(*dut_, record);
            P::valid(*dut_, true);
            in.offered = 1;
            return;
        }
        if (P::valid(*dut_)) {
            P::valid(*dut_, false);
            P::scramble(*dut_);
        }
    }

    template <class P>
    void make_ready(P, Output& out) {
        const bool stalled = out.stall.step();
        P::ready(*dut_, !stalled && !in_reset_ && (!out.stall.after_valid || out.waiting));
    }

    template <class P>
    void sample(P, Input& in) {
        if (!in.offered || !P::ready(*dut_)) return;
        if (in.stamps) in.stamps[in.accepted] = clocks_[P::clock].cycle;
        ++in.accepted;
        in.offered = 0;
        --run_->remaining;
        fired_ = true;
    }

    template <class P>
    void sample(P, Output& out, size_t index) {
        if (in_reset_) {
            out.waiting = 0;
            return;
        }
        const bool valid = P::valid(*dut_);
        int64_t* record = out.records + P::fields * out.stored();
        if (out.waiting) {
            if (!valid) return fail(VALID_DROPPED, index);
            std::array<int64_t, P::fields> now;
            P::read(*dut_, now.data());
            if (!std::equal(now.begin(), now.end(), record)) return fail(PAYLOAD_CHANGED, index);
        }
        if (!valid) return;
        P::read(*dut_, record);
        out.waiting = !P::ready(*dut_);
        if (out.waiting) return;
        if (out.comparing) {
            const bool same = out.produced != out.expected_count
                && std::equal(record, record + P::fields, out.expected + P::fields * out.produced);
            out.matched += same;
            out.comparing = same;
            if (!same && run_->stop_at_mismatch) fail(MISMATCH, index);
        }
        if (out.stamps) out.stamps[out.produced] = clocks_[P::clock].cycle;
        if (out.produced++ < out.needed) --run_->remaining;
        if (out.full()) status_ = std::max(status_, FULL);
        fired_ = true;
    }

    template <class P>
    void watch(P, Output& level) {
        if (!level.records) return;
        P::read(*dut_, level.records + P::fields * level.produced++);
        if (level.full()) status_ = std::max(status_, FULL);
    }

    // Resets begin together in all domains and end together, when each clock has risen often enough.
    void begin_reset() {
        uint64_t* mark = run_->marks + run_->resets_done++ * (std::tuple_size_v<InputStreams> + std::tuple_size_v<OutputStreams>);
        visit<InputStreams>([&](auto, size_t i) { *mark++ = in_[i].accepted; });
        visit<OutputStreams>([&](auto, size_t i) { *mark++ = out_[i].produced; });
        for (size_t i = 0; i < clock_count; ++i) clocks_[i].in_reset = run_->reset_length;
        in_reset_ = true;
        // Ports of domains that do not rise at this moment fall silent with the others.
        visit<InputStreams>([&](auto p, size_t i) { p.valid(*dut_, false); in_[i].offered = 0; });
        visit<OutputStreams>([&](auto p, size_t i) { p.ready(*dut_, false); out_[i].waiting = 0; });
    }

    void count_reset() {
        in_reset_ = false;
        for (size_t i = 0; i < clock_count; ++i) {
            if (rises(i) && clocks_[i].in_reset) --clocks_[i].in_reset;
            in_reset_ |= clocks_[i].in_reset != 0;
        }
    }

    void end_cycle() {
        Run& run = *run_;
        ++run.cycles;
        run.quiet = active_ ? 0 : run.quiet + 1;
        active_ = false;
        if (run.remaining == 0 && run.resets_done == run.reset_count && !in_reset_) {
            run.drained = run.counted ? run.drained + 1 : run.quiet;
            if (run.drained >= run.drain) status_ = std::max(status_, DONE);
        } else if (run.remaining != 0 && run.quiet >= run.patience) {
            status_ = std::max(status_, HUNG);
        }
    }

    void fail(Status status, size_t port) {
        if (status_ > HUNG) return;
        status_ = status;
        run_->port = port;
    }

    void dump(int phase) {
#ifdef SPIKELOCK_WAVE
        if (clock_count == 1) now_ += 1 - phase;
        if (wave_) wave_->dump(10 * now_ + 5 * phase);
#endif
    }

    VerilatedContext context_;
    std::unique_ptr<Vdut> dut_;
#ifdef SPIKELOCK_WAVE
    std::unique_ptr<SPIKELOCK_WAVE> wave_;
#endif
    Input* in_ = nullptr;
    Output* out_ = nullptr;
    Level* levels_ = nullptr;
    Output* watched_ = nullptr;
    Clock* clocks_ = nullptr;
    Run* run_ = nullptr;
    Status status_ = RUNNING;
    std::string message_;
    bool initialised_ = false;
    uint64_t now_ = 0, rising_ = 1;
    bool in_reset_ = false;
    bool fired_ = false, active_ = false;  // a handshake took place at this moment, in this cycle of the first clock
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
using spikelock::Simulation;

EXPORT Simulation* lockstep_open(uint64_t seed) { return new Simulation(seed); }
EXPORT void lockstep_close(Simulation* s) { delete s; }
EXPORT void lockstep_bind(Simulation* s, spikelock::Input* in, spikelock::Output* out, spikelock::Level* levels,
                          spikelock::Output* watched, spikelock::Clock* clocks, spikelock::Run* run) {
    s->bind(in, out, levels, watched, clocks, run);
}
EXPORT uint64_t lockstep_advance(Simulation* s, uint64_t cycles) { return s->advance(cycles); }
EXPORT void lockstep_read_level(Simulation* s, uint64_t port, int64_t* record) { s->read_level(port, record); }
EXPORT const char* lockstep_message(Simulation* s) { return s->message(); }
EXPORT void lockstep_start_wave(Simulation* s, const char* file) { s->start_wave(file); }
EXPORT void lockstep_stop_wave(Simulation* s) { s->stop_wave(); }
EXPORT void lockstep_write_coverage(Simulation* s, const char* file) { s->write_coverage(file); }
