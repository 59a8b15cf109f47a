// The published fixed-point LIF in Q8.8: wraps, rounds down, adds noise. Constants as below.
//
// Verilog-2001, one step in every cycle with `enable`, results one cycle later, synchronous reset, active high. There is
// no way to hold it back.
module lif_strobe (clk, reset, enable, i_syn, i_noise, spike, v_mem);
  localparam signed [15:0] LEAK_K = 16'sd26;
  localparam signed [15:0] GAIN_K = 16'sd256;
  localparam signed [15:0] V_TH = 16'sd256;
  localparam [1:0] PERIOD = 2'd2;

  input clk, reset, enable;
  input signed [15:0] i_syn, i_noise;
  output spike;
  output signed [15:0] v_mem;

  reg spike;
  reg signed [15:0] v_mem;
  reg [1:0] pause;

  // The resting potential is 0, so what leaks is the potential itself.
  wire signed [16:0] below = -$signed({v_mem[15], v_mem});  // one bit more: -(-32768) does not fit 16 bits
  wire signed [32:0] leak = below * LEAK_K;
  wire signed [31:0] drive = i_syn * GAIN_K;
  wire signed [15:0] v_next = v_mem + (leak >>> 8) + (drive >>> 8) + i_noise;
  wire crosses = v_next >= V_TH;

  always @(posedge clk)
    if (reset) begin
      spike <= 1'b0;
      v_mem <= 16'sd0;
      pause <= 2'd0;
    end else if (enable) begin
      spike <= pause == 0 && crosses;
      v_mem <= pause != 0 || crosses ? 16'sd0 : v_next;
      if (pause != 0) pause <= pause - 2'd1;
      else if (crosses) pause <= PERIOD;
    end
endmodule
