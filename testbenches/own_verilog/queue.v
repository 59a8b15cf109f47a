// Makes a stream of results that cannot be held back: credit for what may be taken in, a queue for what comes out.
//
// accept: an input is taken now, which will cause one result. may_accept: there is room for that result, and INTERVAL
// cycles have passed since the last one. A result too many is not lost: valid then stays high until the next reset.
module spikelock_queue(clk, rst, accept, may_accept, result_valid, result, valid, ready, payload);
  parameter WIDTH = 1;
  parameter LOG_DEPTH = 1;
  parameter INTERVAL = 1;
  localparam DEPTH = 1 << LOG_DEPTH;
  input clk, rst, accept, result_valid, ready;
  input [WIDTH-1:0] result;
  output may_accept, valid;
  output [WIDTH-1:0] payload;

  reg [WIDTH-1:0] held [0:DEPTH-1];
  reg [LOG_DEPTH-1:0] first, next;
  reg [LOG_DEPTH:0] count;     // results held
  reg [LOG_DEPTH:0] promised;  // results held or still to come
  reg [31:0] pause;            // cycles until the next input may be taken
  reg too_many;

  wire empty = count == 0;
  wire full = count == DEPTH;
  wire leaves = valid && ready;
  wire passes_by = empty && leaves;
  wire enters = result_valid && !passes_by && (!full || leaves);

  assign may_accept = promised != DEPTH && pause == 0;
  assign valid = !empty || result_valid || too_many;
  assign payload = empty ? result : held[first];

  always @(posedge clk) begin
    if (enters) held[next] <= result;
    if (rst) begin
      first <= 0;
      next <= 0;
      count <= 0;
      promised <= 0;
      pause <= 0;
      too_many <= 0;
    end else begin
      if (enters) next <= next + 1'b1;
      if (leaves && !empty) first <= first + 1'b1;
      if (enters && !(leaves && !empty)) count <= count + 1'b1;
      if (!enters && leaves && !empty) count <= count - 1'b1;
      if (accept && !leaves) promised <= promised + 1'b1;
      if (!accept && leaves && promised != 0) promised <= promised - 1'b1;
      if (accept) pause <= INTERVAL - 1;
      else if (pause != 0) pause <= pause - 1'b1;
      if (result_valid && full && !leaves) too_many <= 1;
    end
  end
endmodule
