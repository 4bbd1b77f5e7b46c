#include "cli/order_script.hpp"

#include <fmt/format.h>

#include <iterator>
#include <variant>

namespace mm::cli {

OrderScript::OrderScript(const std::string& path, const Instrument& instrument)
    : instrument_(instrument), lines_(path) {
  read();
  if (!next_)
    throw Error(ErrorKind::data,
                fmt::format("{}: there is no request in it; a request is a line such as "
                            "N,1723161256348000000,1,Buy,617999,0.01,GTX",
                            path));
}

std::string OrderScript::place() const {
  return fmt::format("{}:{}: ", lines_.path(), lines_.number());
}

void OrderScript::fail(const std::string& what) const {
  throw Error(ErrorKind::data, place() + what);
}

void OrderScript::read() {
  std::string_view line;
  next_.reset();
  while (!next_ && lines_.next(line)) {
    if (const auto error = parse_order_line(line, instrument_, next_)) fail(*error);
  }
  if (!next_) return;
  line_ = line;
  ++count_;
  if (next_->at < last_)
    fail(
        fmt::format("the request is of {}, earlier than the one before it ({}); put the lines in "
                    "order of time",
                    to_ns(next_->at), to_ns(last_)));
  last_ = next_->at;
  note(*next_);
}

void OrderScript::note(const OrderRequest& request) {
  const auto known = [&](ClientOrderId id) {
    if (!terms_.contains(id)) fail(fmt::format("no line before it sent order {}", id.value));
  };
  const auto sent = [&](ClientOrderId id, Price price, Qty qty) {
    terms_[id] = {price.units() / instrument_.tick.units(), qty};
  };
  if (const auto* order = std::get_if<PlaceOrder>(&request.message)) {
    sent(order->order, order->price, order->qty);
  } else if (const auto* gone = std::get_if<CancelOrder>(&request.message)) {
    known(gone->order);
  } else if (const auto* moved = std::get_if<ReplaceOrder>(&request.message)) {
    known(moved->order);
    sent(moved->replacement, moved->price, moved->qty);
  }
}

ResponseFile::ResponseFile(std::string path) : path_(std::move(path)) {
  if (path_.empty()) return;
  file_.open(path_, std::ios::binary | std::ios::trunc);
  if (!file_) throw Error(ErrorKind::data, fmt::format("--responses: cannot write {}", path_));
}

void ResponseFile::write(const ResponseRow& row) {
  ++count_;
  const auto name = by_status_.find(row.status);
  ++(name == by_status_.end() ? by_status_[std::string(row.status)] : name->second);
  if (path_.empty()) return;
  fmt::format_to(std::ostreambuf_iterator<char>(file_), "R,{},{},{},{},{},{},{},{},{},{}\n",
                 to_ns(row.heard), row.id.value, row.status, row.request, row.tick, row.filled_tick,
                 row.filled_qty, row.leaves, to_ns(row.exchange_time), row.maker ? 1 : 0);
}

void ResponseFile::close() {
  if (path_.empty()) return;
  file_.close();
  if (!file_)
    throw Error(ErrorKind::data, fmt::format("--responses: cannot write {} to its end", path_));
}

}  // namespace mm::cli
