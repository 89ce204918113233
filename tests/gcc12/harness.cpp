// Shapes around co_await, one in a run: says whether each object is destroyed where it was made, once, and
// whether the coroutine writes beyond its frame. Knows nothing of cairn: it is the compiler that is tried.
//
//     $CXX -std=c++20 -DSHAPE='Text t = co_await text(); take(t);' harness.cpp
//
// `run` has it include many, which it runs by their numbers.

#include <array>
#include <coroutine>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <initializer_list>
#include <new>
#include <utility>

namespace {

bool damaged = false;
void complain(const char* what) {
  if (!damaged) std::printf("%s\n", what);
  damaged = true;
}

// Where objects are alive.
const void* alive[256];
int count = 0;
void begin(const void* object) {
  alive[count++] = object;
}
bool is_alive(const void* object) {
  for (int i = 0; i < count; ++i) {
    if (alive[i] == object) return true;
  }
  return false;
}
void end(const void* object) {
  for (int i = 0; i < count; ++i) {
    if (alive[i] != object) continue;
    alive[i] = alive[--count];
    return;
  }
  complain("destroyed twice, or where it never was");
}

class Text {
 public:
  Text() { begin(this); }
  explicit Text(int number) : number_(number) { begin(this); }
  Text(const Text& other) : number_(other.number()) { begin(this); }
  Text(Text&& other) noexcept : number_(other.number()) { begin(this); }
  Text& operator=(const Text& other) {
    number_ = other.number();
    return *this;
  }
  ~Text() { end(this); }
  int number() const {
    if (!is_alive(this)) complain("used where it never was, or is no more");
    return number_;
  }
  friend Text operator+(const Text& one, const Text& other) { return Text{one.number() + other.number()}; }
  friend bool operator==(const Text& one, const Text& other) { return one.number() == other.number(); }

 private:
  int number_ = 0;
};

void done() {}
bool yes() {
  return true;
}
void take(const Text& text) {
  static_cast<void>(text.number());
}
Text join(const Text& one, const Text& other) {
  return one + other;
}

template <class T>
struct Wait {
  explicit Wait(T given) : value(std::move(given)) {}
  T value;
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<>) const {}
  T await_resume() { return std::move(value); }
};

struct Order {
  Text text;
  Text copy() const { return text; }
  Wait<Text> wait() const { return Wait<Text>{text}; }
};
struct Trivial {
  int number = 0;
};
template <class T>
struct Pair {
  T one;
  T other;
};
struct Made {
  Made() = default;
  explicit Made(Text given) : text(std::move(given)) {}
  Text text;
};
template <class T>
struct Wrapped {
  explicit Wrapped(T given) : value(std::move(given)) {}
  T value;
};
struct List {
  List(std::initializer_list<int>) {}
  Text text;
};
struct Map {
  Text& operator[](const Text& key) {
    take(key);
    return value;
  }
  Text value;
};
struct Texts {
  Text parts[2];
  Text* begin() { return parts; }
  Text* end() { return parts + 2; }
};

Order make_order() {
  return Order{Text{1}};
}
Text text_of(const Order& order) {
  return order.text;
}
Wait<Text> by_value(Order order) {
  return Wait<Text>{order.text};
}
Wait<Text> by_const(const Order& order) {
  return Wait<Text>{order.text};
}
Wait<Text> by_rvalue(Order&& order) {
  return Wait<Text>{std::move(order.text)};
}
Wait<Text> by_text(const Text& text) {
  return Wait<Text>{text};
}
Wait<Text> trivial(const Trivial& trivial) {
  return Wait<Text>{Text{trivial.number}};
}
Wait<Text> by_list(std::initializer_list<int> list) {
  return Wait<Text>{Text{static_cast<int>(list.size())}};
}
Wait<Text> by_texts(std::initializer_list<Text> list) {
  return Wait<Text>{*list.begin()};
}
template <class T>
Wait<Text> by_any(T&& value) {
  const std::remove_reference_t<T> kept(std::forward<T>(value));
  return Wait<Text>{Text{1}};
}
Wait<Text> text() {
  return Wait<Text>{Text{1}};
}
Wait<Order> order() {
  return Wait<Order>{Order{Text{1}}};
}
Wait<Pair<Text>> pair() {
  return Wait<Pair<Text>>{Pair<Text>{Text{1}, Text{2}}};
}
Wait<Texts> texts() {
  return Wait<Texts>{Texts{}};
}
Wait<bool> flag() {
  return Wait<bool>{true};
}
Wait<int> number() {
  return Wait<int>{1};
}

// A frame has something behind it that must not change.
constexpr std::size_t behind = 256;
constexpr unsigned char untouched = 0xAB;

void* make_frame(std::size_t size) {
  auto* frame = static_cast<unsigned char*>(std::malloc(size + behind));
  std::memset(frame + size, untouched, behind);
  return frame;
}
void end_frame(void* memory, std::size_t size) {
  auto* frame = static_cast<unsigned char*>(memory);
  for (std::size_t i = size; i < size + behind; ++i) {
    if (frame[i] != untouched) complain("written behind its frame");
  }
  std::free(memory);
}

struct PromiseBase {
  std::suspend_always initial_suspend() const noexcept { return {}; }
  std::suspend_always final_suspend() const noexcept { return {}; }
  void unhandled_exception() const { std::terminate(); }
  static void* operator new(std::size_t size) { return make_frame(size); }
  static void operator delete(void* memory, std::size_t size) { end_frame(memory, size); }
};

struct Coroutine {
  struct promise_type : PromiseBase {
    Coroutine get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    void return_void() const {}
  };
  std::coroutine_handle<promise_type> handle;
};

// One whose end another one waits for.
struct Returned {
  struct promise_type : PromiseBase {
    Returned get_return_object() {
      return Returned{std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    void return_value(Order given) { value = std::move(given); }
    Order value;
  };
  explicit Returned(std::coroutine_handle<promise_type> made) : handle(made) {}
  Returned(Returned&& other) noexcept : handle(std::exchange(other.handle, {})) {}
  ~Returned() {
    if (handle) handle.destroy();
  }
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<>) const {
    while (!handle.done()) handle.resume();
  }
  Order await_resume() const { return handle.promise().value; }
  std::coroutine_handle<promise_type> handle;
};
[[maybe_unused]] Returned returned() {
  co_return Order{co_await text()};
}

using Shape = Coroutine (*)();
#ifdef SHAPE
Coroutine shape() {
  SHAPE;
}
const Shape shapes[] = {shape};
#else
#include "shapes.inc"  // many of them, each in a line of its own
#endif

}  // namespace

int main(int count_of_arguments, char** arguments) {
  const Coroutine coroutine = shapes[count_of_arguments > 1 ? std::atoi(arguments[1]) : 0]();
  while (!coroutine.handle.done()) coroutine.handle.resume();
  coroutine.handle.destroy();
  if (count > 0) complain("not destroyed");
  return damaged ? 1 : 0;
}
