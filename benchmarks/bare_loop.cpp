// The least a C++ programmer would write for this design: one loop, the ports by name, the whole trace compared.
#include <cstdint>
#include <memory>

void vl_finish(const char*, int, const char*) {}
void vl_stop(const char*, int, const char*) {}
void vl_fatal(const char*, int, const char*, const char*) { throw 1; }

// Returns the number of wrong outputs. Inputs and outputs are packed as the ports are.
extern "C" __attribute__((visibility("default"))) uint64_t bare_loop(const uint16_t* current, const uint32_t* expected,
                                                                     uint64_t count, const uint32_t* registers) {
    VerilatedContext context;
    auto dut = std::make_unique<Vdut>(&context, "");
    for (int word = 0; word < 3; ++word) dut->registers[word] = registers[word];
    dut->rst = 1;
    for (int cycle = 0; cycle < 2; ++cycle) {
        dut->clk = 0;
        dut->eval();
        dut->clk = 1;
        dut->eval();
    }
    dut->rst = 0;
    dut->output___05Fready = 1;
    uint64_t sent = 0, received = 0, wrong = 0;
    while (received < count) {
        dut->input___05Fvalid = sent < count;
        if (sent < count) dut->input___05Fpayload = current[sent];
        dut->clk = 0;
        dut->eval();
        const bool taken = dut->input___05Fvalid && dut->input___05Fready;
        if (dut->output___05Fvalid) wrong += dut->output___05Fpayload != expected[received++];
        dut->clk = 1;
        dut->eval();
        sent += taken;
    }
    return wrong;
}
