@0xc1f7a50e9b24d386;

# The obvious format, for comparison only: one struct a row.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("mm::bench::wire");

struct Row {
  recvNs @0 :Int64;
  exchangeNs @1 :Int64;
  price @2 :Int64;
  qty @3 :Int64;
  updateId @4 :Int64;
  kind @5 :UInt8;        # RecordKind
  side @6 :UInt8;        # of the level, or of the aggressor
  instrument @7 :UInt8;
  last @8 :UInt8;        # 1 in the last row of a message
}

struct Rows {
  rows @0 :List(Row);
}
