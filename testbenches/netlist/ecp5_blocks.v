// Multiplier and block RAM of the ECP5, as far as synthesis uses them: Yosys brings them as black boxes.
// Any setting that is not modelled stops the simulation.
// Source: Lattice FPGA-TN-02204 (memory) and FPGA-TN-02205 (sysDSP).

// A combinational product of two 18-bit numbers. Ports that are not listed here (register clocks, the cascade,
// the third operand) are connected to nothing that matters while every register is bypassed.
module MULT18X18D (
  input A0, A1, A2, A3, A4, A5, A6, A7, A8, A9, A10, A11, A12, A13, A14, A15, A16, A17,
  input B0, B1, B2, B3, B4, B5, B6, B7, B8, B9, B10, B11, B12, B13, B14, B15, B16, B17,
  input C0, C1, C2, C3, C4, C5, C6, C7, C8, C9, C10, C11, C12, C13, C14, C15, C16, C17,
  input SIGNEDA, SIGNEDB, SOURCEA, SOURCEB,
  output P0, P1, P2, P3, P4, P5, P6, P7, P8, P9, P10, P11, P12, P13, P14, P15, P16, P17,
  output P18, P19, P20, P21, P22, P23, P24, P25, P26, P27, P28, P29, P30, P31, P32, P33, P34, P35
);
  wire [17:0] a = {A17, A16, A15, A14, A13, A12, A11, A10, A9, A8, A7, A6, A5, A4, A3, A2, A1, A0};
  wire [17:0] b = {B17, B16, B15, B14, B13, B12, B11, B10, B9, B8, B7, B6, B5, B4, B3, B2, B1, B0};
  wire signed [35:0] wide_a = {{18{SIGNEDA & a[17]}}, a};
  wire signed [35:0] wide_b = {{18{SIGNEDB & b[17]}}, b};
  wire [35:0] product = wide_a * wide_b;
  assign {P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19, P18,
          P17, P16, P15, P14, P13, P12, P11, P10, P9, P8, P7, P6, P5, P4, P3, P2, P1, P0} = product;
  always @* if (SOURCEA | SOURCEB) begin
    $display("MULT18X18D: operands from a neighbour are not modelled");
    $stop;
  end
endmodule

// 1024 words of 18 bits behind two ports, each 1, 2, 4, 9, 18 or 36 bits wide. Narrower than 9, a port uses bits
// 0 to 7 of a byte. At 36 bits port A writes, and port B reads, with both halves of the data pins.
module DP16KD (
  input DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9,
  input DIA8, DIA7, DIA6, DIA5, DIA4, DIA3, DIA2, DIA1, DIA0,
  input ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0,
  input CEA, OCEA, CLKA, WEA, RSTA, CSA2, CSA1, CSA0,
  output DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9,
  output DOA8, DOA7, DOA6, DOA5, DOA4, DOA3, DOA2, DOA1, DOA0,
  input DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9,
  input DIB8, DIB7, DIB6, DIB5, DIB4, DIB3, DIB2, DIB1, DIB0,
  input ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0,
  input CEB, OCEB, CLKB, WEB, RSTB, CSB2, CSB1, CSB0,
  output DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9,
  output DOB8, DOB7, DOB6, DOB5, DOB4, DOB3, DOB2, DOB1, DOB0
);
  parameter DATA_WIDTH_A = 18;
  parameter DATA_WIDTH_B = 18;
  parameter REGMODE_A = "NOREG";
  parameter REGMODE_B = "NOREG";
  parameter RESETMODE = "SYNC";
  parameter ASYNC_RESET_RELEASE = "SYNC";
  parameter CSDECODE_A = "0b000";
  parameter CSDECODE_B = "0b000";
  parameter WRITEMODE_A = "NORMAL";
  parameter WRITEMODE_B = "NORMAL";
  parameter CLKAMUX = "CLKA";
  parameter CLKBMUX = "CLKB";
  parameter GSR = "ENABLED";
@INITVALS@
  reg [17:0] mem [0:1023];
  integer i;
  wire [20479:0] contents = {@REVERSED@};
  initial begin
    for (i = 0; i < 1024; i = i + 1) mem[i] = contents[20 * i +: 18];
    if (REGMODE_A != "NOREG" || REGMODE_B != "NOREG"
        || (WRITEMODE_A != "NORMAL" && WRITEMODE_A != "READBEFOREWRITE" && WRITEMODE_A != "WRITETHROUGH")
        || (WRITEMODE_B != "NORMAL" && WRITEMODE_B != "READBEFOREWRITE" && WRITEMODE_B != "WRITETHROUGH")
        || CSDECODE_A != "0b000" || CSDECODE_B != "0b000" || CLKAMUX != "CLKA" || CLKBMUX != "CLKB") begin
      $display("DP16KD: this use of it is not modelled");
      $stop;
    end
  end

  wire [13:0] ada = {ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0};
  wire [13:0] adb = {ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0};
  wire [17:0] dia = {DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9,
                     DIA8, DIA7, DIA6, DIA5, DIA4, DIA3, DIA2, DIA1, DIA0};
  wire [17:0] dib = {DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9,
                     DIB8, DIB7, DIB6, DIB5, DIB4, DIB3, DIB2, DIB1, DIB0};
  reg [35:0] doa = 0, dob = 0;
  wire [35:0] out = DATA_WIDTH_B == 36 ? dob : {dob[17:0], doa[17:0]};
  assign {DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9,
          DOB8, DOB7, DOB6, DOB5, DOB4, DOB3, DOB2, DOB1, DOB0,
          DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9,
          DOA8, DOA7, DOA6, DOA5, DOA4, DOA3, DOA2, DOA1, DOA0} = out;

  // The 36 bits of a word pair that an address and a width select, as a mask, and where they begin.
  function [35:0] chosen(input integer width, input [13:0] address);
    case (width)
      36: chosen = {{9{address[3]}}, {9{address[2]}}, {9{address[1]}}, {9{address[0]}}};
      18: chosen = {18'd0, {9{address[1]}}, {9{address[0]}}};
      9: chosen = 36'h1FF;
      4: chosen = 36'hF;
      2: chosen = 36'h3;
      default: chosen = 36'h1;
    endcase
  endfunction
  function [5:0] place(input integer width, input [13:0] address);
    case (width)
      36: place = 0;
      18: place = address[4] ? 18 : 0;
      9: place = 9 * address[4:3];
      4: place = 9 * address[4:3] + 4 * address[2];
      2: place = 9 * address[4:3] + 2 * address[2:1];
      default: place = 9 * address[4:3] + address[2:0];
    endcase
  endfunction
  function [35:0] whole(input integer width);
    case (width)
      36: whole = {36{1'b1}};
      18: whole = 36'h3FFFF;
      9: whole = 36'h1FF;
      4: whole = 36'hF;
      2: whole = 36'h3;
      default: whole = 36'h1;
    endcase
  endfunction

  wire active_a = CEA & ~CSA2 & ~CSA1 & ~CSA0;
  wire active_b = CEB & ~CSB2 & ~CSB1 & ~CSB0;
  wire [5:0] place_a = place(DATA_WIDTH_A, ada), place_b = place(DATA_WIDTH_B, adb);
  wire [35:0] mask_a = active_a & WEA & ~RSTA ? chosen(DATA_WIDTH_A, ada) << place_a : 36'd0;
  wire [35:0] mask_b = active_b & WEB & ~RSTB ? chosen(DATA_WIDTH_B, adb) << place_b : 36'd0;
  wire [35:0] data_a = (DATA_WIDTH_A == 36 ? {dib, dia} : {18'd0, dia}) << place_a;
  wire [35:0] data_b = {18'd0, dib} << place_b;
  wire [35:0] pair_a = {mem[{ada[13:5], 1'b1}], mem[{ada[13:5], 1'b0}]};
  wire [35:0] pair_b = {mem[{adb[13:5], 1'b1}], mem[{adb[13:5], 1'b0}]};
  // What one port reads while the other writes it is undefined: here it is wrong, so that relying on it shows.
  wire same = ada[13:5] == adb[13:5];
  wire [35:0] seen_a = same ? pair_a ^ mask_b : pair_a;
  wire [35:0] seen_b = same ? pair_b ^ mask_a : pair_b;

  wire reads_a = active_a & (~WEA || WRITEMODE_A != "NORMAL");
  wire reads_b = active_b & (~WEB || WRITEMODE_B != "NORMAL");
  wire [35:0] read_a = WRITEMODE_A == "WRITETHROUGH" ? (seen_a & ~mask_a) | (data_a & mask_a) : seen_a;
  wire [35:0] read_b = WRITEMODE_B == "WRITETHROUGH" ? (seen_b & ~mask_b) | (data_b & mask_b) : seen_b;

  always @(posedge CLKA) begin
    if (|mask_a) begin
      mem[{ada[13:5], 1'b0}] <= (pair_a[17:0] & ~mask_a[17:0]) | (data_a[17:0] & mask_a[17:0]);
      mem[{ada[13:5], 1'b1}] <= (pair_a[35:18] & ~mask_a[35:18]) | (data_a[35:18] & mask_a[35:18]);
    end
  end
  always @(posedge CLKB) begin
    if (|mask_b) begin
      mem[{adb[13:5], 1'b0}] <= (pair_b[17:0] & ~mask_b[17:0]) | (data_b[17:0] & mask_b[17:0]);
      mem[{adb[13:5], 1'b1}] <= (pair_b[35:18] & ~mask_b[35:18]) | (data_b[35:18] & mask_b[35:18]);
    end
  end
  generate
    if (RESETMODE == "ASYNC") begin
      always @(posedge CLKA or posedge RSTA)
        if (RSTA) doa <= 0;
        else if (reads_a) doa <= (read_a >> place_a) & whole(DATA_WIDTH_A);
      always @(posedge CLKB or posedge RSTB)
        if (RSTB) dob <= 0;
        else if (reads_b) dob <= (read_b >> place_b) & whole(DATA_WIDTH_B);
    end else begin
      always @(posedge CLKA)
        if (RSTA) doa <= 0;
        else if (reads_a) doa <= (read_a >> place_a) & whole(DATA_WIDTH_A);
      always @(posedge CLKB)
        if (RSTB) dob <= 0;
        else if (reads_b) dob <= (read_b >> place_b) & whole(DATA_WIDTH_B);
    end
  endgenerate
endmodule
