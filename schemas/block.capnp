@0xe3a94d20c8b7f615;

# One block of the journal after decompression: a run of records as columns.
#
# docs/journal_format_payload.md gives the meaning of every column and the rules by which values
# refer to earlier ones. Columns are added at the end of `Column`; a list that is shorter than the
# enum has none of the later ones.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("mm::wire");

using Event = import "event.capnp";

struct Block {
  firstRecvNs @0 :Int64;         # recv_time of the first record
  recvUnitNs @1 :UInt32;         # unit of the column `recvTime`
  venueUnitNs @2 :UInt32;        # unit of the venue's times
  columns @3 :List(Data);        # index: Column; each as its own encoding tag says
  records @4 :List(Event.Record);  # row by row: whatever has no columns, in order
}

enum Column {
  kind @0;
  recvTime @1;

  deltaExchangeTime @2;
  deltaEventTime @3;
  deltaLastId @4;
  deltaFirstId @5;
  deltaPrevId @6;
  deltaBids @7;
  deltaAsks @8;
  deltaTouch @9;
  deltaPrice @10;
  deltaQty @11;

  quoteExchangeTime @12;
  quoteEventTime @13;
  quoteId @14;
  quotePrice @15;
  quoteQty @16;
  quoteOrders @17;

  tradeExchangeTime @18;
  tradeEventTime @19;
  tradeId @20;
  tradePrice @21;
  tradeQty @22;
  tradeFirstId @23;
  tradeLastId @24;

  snapshotExchangeTime @25;
  snapshotEventTime @26;
  snapshotId @27;
  snapshotForm @28;
  snapshotBids @29;
  snapshotAsks @30;
  snapshotBidsGrown @31;
  snapshotAsksGrown @32;
  snapshotTouch @33;
  snapshotPrice @34;
  snapshotQty @35;
  snapshotOrders @36;

  predictions @37;
  predictedLevels @38;
}
