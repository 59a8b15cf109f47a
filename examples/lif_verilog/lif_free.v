// A leaky integrate-and-fire neuron that never stops: one step in every clock cycle, its values on ports.
//
// Verilog-2001, synchronous reset, active low. Saturates; rounds down.
module lif_free (
  input  wire        clock,
  input  wire        resetn,
  input  wire [15:0] current,
  input  wire [15:0] v_rest, v_reset, v_threshold,
  input  wire [15:0] k_leak, k_gain,
  input  wire [7:0]  period,
  output reg  [16:0] state      // spike, potential
);
  reg [7:0] count;
  wire signed [15:0] v = state[15:0];

  wire signed [32:0] leak_full = ($signed(v_rest) - v) * $signed(k_leak);
  wire signed [32:0] gain_full = $signed(current) * $signed(k_gain);
  wire signed [33:0] u = v + (leak_full >>> 8) + (gain_full >>> 8);
  wire signed [15:0] u_sat = u > 34'sd32767 ? 16'sh7fff : u < -34'sd32768 ? 16'sh8000 : u[15:0];
  wire fire = count == 0 && u_sat >= $signed(v_threshold);

  always @(posedge clock) begin
    if (!resetn) begin
      state <= 0;
      count <= 0;
    end else begin
      state <= {fire, count != 0 ? v_rest : fire ? v_reset : u_sat};
      count <= count != 0 ? count - 1 : fire ? period : 0;
    end
  end
endmodule
