@0xbf1c7d6a52e90b34;

# The words of the journal: every record, one union member per kind.
#
# Names, units and meaning are those of engine/event.hpp and engine/output.hpp. A block (block.capnp)
# keeps market records in columns; the others, and market records too unusual for columns, stand in
# it as a list of the Record below.
#
# Schemas only grow, at the end. Ordinals are never reused or retyped; zero means unspecified. A
# change of meaning is a new member.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("mm::wire");

# An amount of money: two's complement of 128 bits, in 1e-12 of the currency.
struct Money {
  low @0 :UInt64;
  high @1 :Int64;
}

enum Side { buy @0; sell @1; }
enum FeedState { unspecified @0; connected @1; lost @2; gap @3; resynchronised @4; stale @5; anomaly @6; }
enum TimeInForce { postOnly @0; gtc @1; ioc @2; fok @3; }
enum RejectReason {
  unspecified @0;
  postOnlyWouldCross @1;
  belowMinNotional @2;
  offTick @3;
  offLot @4;
  rateLimited @5;
  insufficientMargin @6;
  marketClosed @7;
  unknownOrder @8;
  other @9;
}
enum DoneReason { unspecified @0; cancelled @1; expired @2; venueCancelled @3; replaced @4; }
enum FillCause { unspecified @0; venue @1; queue @2; through @3; cross @4; taker @5; }
enum InstrumentRole { quoted @0; lead @1; }
enum ContractKind { linear @0; inverse @1; }
enum DecisionReason {
  unspecified @0;
  newQuote @1;
  requote @2;
  quoteWithdrawn @3;
  inventoryLimit @4;
  staleFeed @5;
  bookInvalid @6;
  killSwitch @7;
  sessionEnd @8;
  lossLimit @9;
}
enum AlertCode {
  unspecified @0;
  positionLimit @1;
  orderRateLimit @2;
  staleFeed @3;
  unknownOrder @4;
  positionMismatch @5;
  lossLimit @6;
  feedGap @7;
  orderRejected @8;
  parameterRefused @9;
  fillRefused @10;
  cascadeStarted @11;
  cascadeEnded @12;
  liquidationBlind @13;
}
enum LiquidityName { unknown @0; thick @1; thin @2; migrating @3; collapsing @4; }
enum RegimeName { unspecified @0; quiet @1; trending @2; volatile @3; cascade @4; }

# seq, recv_time and instrument of a record stand in the block's columns.
struct Record {
  exchangeTimeNs @0 :Int64;
  union {
    unspecified @1 :Void;

    # market
    bookSnapshot @2 :BookSnapshot;
    bookDelta @3 :BookDelta;
    bestQuote @4 :BestQuote;
    trade @5 :Trade;
    assetContext @6 :AssetContext;
    liquidation @7 :Liquidation;
    # venue
    feedStatus @8 :FeedStatus;
    clockStep @9 :ClockStep;
    rateLimit @10 :RateLimit;
    # ours
    orderAck @11 :OrderAck;
    orderReject @12 :OrderReject;
    orderDone @13 :OrderDone;
    cancelReject @14 :CancelReject;
    fill @15 :Fill;
    positionReport @16 :PositionReport;
    balanceReport @17 :BalanceReport;
    fundingPayment @18 :FundingPayment;
    # control
    sessionStart @19 :SessionStart;
    instrumentDefined @20 :InstrumentDefined;
    parameterChange @21 :ParameterChange;
    timer @22 :Timer;
    annotation @23 :Annotation;
    killSwitch @24 :KillSwitch;
    sessionEnd @25 :SessionEnd;
    # outputs
    placeOrder @26 :PlaceOrder;
    cancelOrder @27 :CancelOrder;
    replaceOrder @28 :ReplaceOrder;
    setTimer @29 :SetTimer;
    alert @30 :Alert;
    wallAppeared @31 :Wall;
    wallMoved @32 :Wall;
    wallPulled @33 :Wall;
    wallFilled @34 :Wall;
    wallGone @35 :Wall;
    flushStarted @36 :Flush;
    flushEnded @37 :Flush;
    liquidityChanged @38 :LiquidityChanged;
    regimeChanged @39 :RegimeChanged;
    regimeState @40 :RegimeState;
    prediction @41 :Prediction;
    predictedLevel @42 :PredictedLevel;
    fillNote @43 :FillNote;
  }
}

# Levels are pairs of little-endian 64-bit integers (price, quantity), order counts are 32-bit.
struct BookSnapshot {
  updateId @0 :Int64;
  eventTimeNs @1 :Int64;
  bids @2 :Data;
  asks @3 :Data;
  bidOrders @4 :Data;
  askOrders @5 :Data;
}
struct BookDelta {
  firstId @0 :Int64;
  lastId @1 :Int64;
  prevId @2 :Int64;
  eventTimeNs @3 :Int64;
  bids @4 :Data;
  asks @5 :Data;
}
struct BestQuote {
  updateId @0 :Int64;
  eventTimeNs @1 :Int64;
  bidPrice @2 :Int64;
  bidQty @3 :Int64;
  askPrice @4 :Int64;
  askQty @5 :Int64;
  bidOrders @6 :Int64;
  askOrders @7 :Int64;
}
struct Trade {
  tradeId @0 :Int64;
  eventTimeNs @1 :Int64;
  price @2 :Int64;
  qty @3 :Int64;
  aggressor @4 :Side;
  firstId @5 :Int64;
  lastId @6 :Int64;
}
# A value of -2^63 means that the venue did not say.
struct AssetContext {
  markE8 @0 :Int64;
  oracleE8 @1 :Int64;
  midE8 @2 :Int64;
  fundingE12 @3 :Int64;
  premiumE12 @4 :Int64;
  openInterestE8 @5 :Int64;
  dayVolumeE8 @6 :Int64;
  nextFundingNs @7 :Int64;
  eventTimeNs @8 :Int64;
}
struct Liquidation {
  side @0 :Side;
  price @1 :Int64;
  averagePrice @2 :Int64;
  qty @3 :Int64;
  eventTimeNs @4 :Int64;
}

struct FeedStatus {
  state @0 :FeedState;
  expectedId @1 :Int64;
  foundId @2 :Int64;
  detail @3 :Text;
}
struct ClockStep {
  stepNs @0 :Int64;
}
struct RateLimit {
  used @0 :Int64;
  limit @1 :Int64;
  retryAfterNs @2 :Int64;
  detail @3 :Text;
}

struct OrderAck {
  order @0 :UInt64;
  venueOrderId @1 :Int64;
  price @2 :Int64;
  remaining @3 :Int64;
}
struct OrderReject {
  order @0 :UInt64;
  reason @1 :RejectReason;
  detail @2 :Text;
}
struct OrderDone {
  order @0 :UInt64;
  reason @1 :DoneReason;
  remaining @2 :Int64;
  detail @3 :Text;
}
struct CancelReject {
  order @0 :UInt64;
  reason @1 :RejectReason;
  detail @2 :Text;
}
struct Fill {
  order @0 :UInt64;
  tradeId @1 :Int64;
  side @2 :Side;
  price @3 :Int64;
  qty @4 :Int64;
  remaining @5 :Int64;
  maker @6 :Bool;
  fee @7 :Money;
  cause @8 :FillCause;
}
struct PositionReport {
  position @0 :Int64;
  averagePrice @1 :Int64;
}
struct BalanceReport {
  balance @0 :Money;
  currency @1 :Text;
}
struct FundingPayment {
  cash @0 :Money;
  rateE12 @1 :Int64;
}

struct SessionStart {
  strategy @0 :Text;
  parameters @1 :Text;
  execution @2 :Text;
  settings @3 :Text;
}
struct InstrumentDefined {
  venue @0 :Text;
  symbol @1 :Text;
  role @2 :InstrumentRole;
  contract @3 :ContractKind;
  priceDecimals @4 :Int64;
  lotDecimals @5 :Int64;
  tick @6 :Int64;
  qtyStep @7 :Int64;
  significantFigures @8 :Int64;
  contractSize @9 :Int64;
  minNotional @10 :Money;
  minQty @11 :Int64;
  makerFeeE8 @12 :Int64;
  takerFeeE8 @13 :Int64;
  settlement @14 :Text;
}
struct ParameterChange {
  name @0 :Text;
  value @1 :Text;
}
struct Timer {
  id @0 :Int64;
}
struct Annotation {
  author @0 :Text;
  text @1 :Text;
}
struct KillSwitch {
  engaged @0 :Bool;
  reason @1 :Text;
}
struct SessionEnd {
  reason @0 :Text;
}

struct PlaceOrder {
  order @0 :UInt64;
  side @1 :Side;
  price @2 :Int64;
  qty @3 :Int64;
  timeInForce @4 :TimeInForce;
  reason @5 :DecisionReason;
  level @6 :Int64;
}
struct CancelOrder {
  order @0 :UInt64;
  reason @1 :DecisionReason;
}
struct ReplaceOrder {
  order @0 :UInt64;
  replacement @1 :UInt64;
  side @2 :Side;
  price @3 :Int64;
  qty @4 :Int64;
  timeInForce @5 :TimeInForce;
  reason @6 :DecisionReason;
  level @7 :Int64;
}
struct SetTimer {
  id @0 :Int64;
  atNs @1 :Int64;
}
struct Alert {
  code @0 :AlertCode;
  value @1 :Int64;
  limit @2 :Int64;
  order @3 :UInt64;
}

# Figures: E3 thousandths, E6 millionths, E9; -2^63 means absent.
struct Wall {
  side @0 :Side;
  price @1 :Int64;
  qty @2 :Int64;
  ratioE3 @3 :Int64;
  zE3 @4 :Int64;
  ageMs @5 :Int64;
  steps @6 :Int64;
  pulledE6 @7 :Int64;
}
struct Flush {
  side @0 :Side;
  scoreE6 @1 :Int64;
  breadthE6 @2 :Int64;
  lastedMs @3 :Int64;
}
struct LiquidityChanged {
  from @0 :LiquidityName;
  to @1 :LiquidityName;
  scoreE6 @2 :Int64;
  breadthE6 @3 :Int64;
  densityE6 @4 :Int64;
  zVelocityE3 @5 :Int64;
}
struct RegimeChanged {
  from @0 :RegimeName;
  to @1 :RegimeName;
  quietE6 @2 :Int64;
  trendingE6 @3 :Int64;
  volatileE6 @4 :Int64;
  cascadeE6 @5 :Int64;
}
struct RegimeState {
  mostLikely @0 :RegimeName;
  quietE6 @1 :Int64;
  trendingE6 @2 :Int64;
  volatileE6 @3 :Int64;
  cascadeE6 @4 :Int64;
  entropyE6 @5 :Int64;
  sigmaE9 @6 :Int64;
  liquidationE6 @7 :Int64;
}

# Predictions have columns; what stands here is one too unusual for them. Fields as 64-bit words in
# the order of engine/prediction.hpp.
struct Prediction {
  words @0 :Data;
}
struct PredictedLevel {
  words @0 :Data;
}
struct FillNote {
  words @0 :Data;
}
