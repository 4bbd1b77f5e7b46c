#include "net/loop.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <utility>

namespace mm::net {

namespace asio = boost::asio;

struct Loop::Impl {
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
};

Loop::Loop() : impl_(std::make_unique<Impl>()) {}
Loop::~Loop() = default;

bool Loop::run_one_until(Instant until) {
  return impl_->context.run_one_until(until) != 0;
}
std::size_t Loop::poll() {
  return impl_->context.poll();
}
void Loop::run() {
  impl_->context.run();
}
void Loop::stop() {
  impl_->context.stop();
}
bool Loop::stopped() const {
  return impl_->context.stopped();
}
void Loop::post(std::function<void()> task) {
  asio::post(impl_->context, std::move(task));
}
asio::io_context& Loop::context() {
  return impl_->context;
}

struct Timer::Impl {
  explicit Impl(asio::io_context& context) : timer(context) {}
  asio::steady_timer timer;
  std::uint64_t asked = 0;  // tells a handler that was replaced after it had been queued
};

Timer::Timer(Loop& loop) : impl_(std::make_shared<Impl>(loop.context())) {}
Timer::Timer(Timer&&) noexcept = default;
Timer& Timer::operator=(Timer&& other) noexcept {
  if (this != &other) {
    if (impl_) cancel();
    impl_ = std::move(other.impl_);
  }
  return *this;
}
Timer::~Timer() {
  if (impl_) cancel();
}

void Timer::expire_after(Duration delay, std::function<void()> handler) {
  impl_->timer.expires_after(delay);
  impl_->timer.async_wait([impl = std::weak_ptr<Impl>(impl_), asked = ++impl_->asked,
                           handler = std::move(handler)](const boost::system::error_code& error) {
    const auto alive = impl.lock();
    if (!error && alive && alive->asked == asked) handler();
  });
}

void Timer::cancel() {
  ++impl_->asked;
  impl_->timer.cancel();
}

struct Signals::Impl : std::enable_shared_from_this<Impl> {
  Impl(asio::io_context& context, std::function<void(int)> call)
      : set(context), handler(std::move(call)) {}

  void wait() {
    set.async_wait([self = weak_from_this()](const boost::system::error_code& error, int signal) {
      const auto alive = self.lock();
      if (error || !alive) return;
      alive->wait();
      alive->handler(signal);
    });
  }

  asio::signal_set set;
  std::function<void(int)> handler;
};

Signals::Signals(Loop& loop, std::initializer_list<int> signals, std::function<void(int)> handler)
    : impl_(std::make_shared<Impl>(loop.context(), std::move(handler))) {
  for (const int signal : signals) impl_->set.add(signal);
  impl_->wait();
}

Signals::~Signals() {
  impl_->set.clear();
}

}  // namespace mm::net
