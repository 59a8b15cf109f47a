// A leaky integrate-and-fire neuron, one step for each current that is taken. Saturates; rounds down.
//
// SystemVerilog, streams with valid and ready, asynchronous reset, active low, everything a parameter.
module lif_stream #(
    parameter int INTEGER_BITS = 8,  // of the membrane potential, its sign included
    parameter int FRACTION_BITS = 8,
    parameter int CURRENT_BITS = 16,
    parameter int LEAK_SHIFT = 8,
    parameter int GAIN_SHIFT = 8,
    parameter int V_REST = 0,
    parameter int V_RESET = 0,
    parameter int V_THRESHOLD = 256,
    parameter int LEAK = 26,
    parameter int GAIN = 256,
    parameter int REFRACTORY_STEPS = 0,
    localparam int W = INTEGER_BITS + FRACTION_BITS
) (
    input  logic                           clk,
    input  logic                           rst_n,
    input  logic                           in_valid,
    output logic                           in_ready,
    input  logic signed [CURRENT_BITS-1:0] in_current,
    output logic                           out_valid,
    input  logic                           out_ready,
    output logic                           out_spike,
    output logic signed [W-1:0]            out_potential
);
  typedef logic signed [63:0] wide_t;

  localparam wide_t HIGHEST = (64'sd1 <<< (W - 1)) - 64'sd1;
  localparam wide_t LOWEST = -(64'sd1 <<< (W - 1));

  logic signed [W-1:0] potential;
  logic [15:0] refractory;

  wide_t leaked, driven, sum, limited;
  logic fires;

  always_comb begin
    leaked  = ((wide_t'(V_REST) - wide_t'(potential)) * wide_t'(LEAK)) >>> LEAK_SHIFT;
    driven  = (wide_t'(in_current) * wide_t'(GAIN)) >>> GAIN_SHIFT;
    sum     = wide_t'(potential) + leaked + driven;
    limited = sum;
    if (sum > HIGHEST) limited = HIGHEST;
    if (sum < LOWEST) limited = LOWEST;
    fires = limited >= wide_t'(V_THRESHOLD);
  end

  wire step = in_valid && in_ready;
  assign in_ready = !out_valid || out_ready;
  assign out_potential = potential;

  always_ff @(posedge clk or negedge rst_n) begin
    if (!rst_n) begin
      potential  <= W'(V_REST);
      refractory <= '0;
      out_valid  <= 1'b0;
      out_spike  <= 1'b0;
    end else begin
      if (in_ready) out_valid <= in_valid;
      if (step) begin
        out_spike <= 1'b0;
        if (refractory != 0) begin
          refractory <= refractory - 1'b1;
          potential  <= W'(V_REST);
        end else if (fires) begin
          refractory <= 16'(REFRACTORY_STEPS);
          potential  <= W'(V_RESET);
          out_spike  <= 1'b1;
        end else begin
          potential <= W'(limited);
        end
      end
    end
  end
endmodule
