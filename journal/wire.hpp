#pragma once

// The only file that includes Cap'n Proto and the code generated from schemas/.

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include "block.capnp.h"
#include "event.capnp.h"
