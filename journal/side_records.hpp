#pragma once

// Records row by row: whatever has no columns, as members of the union in schemas/event.capnp.
//
// Heavy to include (Cap'n Proto): for block_codec.cpp only.

#include "engine/record.hpp"
#include "journal/wire.hpp"

namespace mm::journal {

/// Writes exchange time and body. seq, recv_time and instrument stand in the block's columns.
void write_side_record(const Record& record, wire::Record::Builder wire_record);

/// Reads them back; the other fields of the header stay zero, text and levels are views into the
/// message, which must be eight-byte aligned. False if the kind is unknown, an enum out of range or
/// a list of levels not whole. Throws what Cap'n Proto throws on a damaged message.
bool read_side_record(wire::Record::Reader wire_record, Record& record);

}  // namespace mm::journal
