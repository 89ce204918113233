#include "tests/simulation/client.hpp"

#include "tests/simulation/program.hpp"

#include <utility>

namespace cairn::testing {

Client::Call& Client::new_call(Key key) {
  return calls_.emplace_back(Call{.key = key});
}

void Client::answer(Call& call, Answer answer) {
  findings_.require(call.answer == Answer::none, "a call was answered twice");
  call.answer = answer;
  statistics_.count(answer == Answer::ok       ? "answer ok"
                    : answer == Answer::failed ? "answer failed"
                                               : "answer unknown");
  if (answer == Answer::ok && call.key != 0) answered_.push_back(call.key);
}

engine::Reply Client::reply_of(Call& call) {
  engine::Reply reply;
  reply.done = [this, &call](Change&& change, const Outcome& outcome) {
    if (const auto* batch = std::get_if<CreateBatch>(&change))
      note_created(call, *batch, std::get<Created>(outcome));
    answer(call, Answer::ok);
  };
  reply.failed = [this, &call](const Error& error) {
    answer(call, error.code() == Errc::outcome_unknown ? Answer::unknown : Answer::failed);
  };
  return reply;
}

void Client::note_created(Call& call, const CreateBatch& batch, const Created& created) {
  for (std::size_t i = 0; i < call.wishes.size(); ++i) {
    Wish& wish = wishes_.at(call.wishes[i]);
    wish.key = batch.first_key + static_cast<Key>(i);
    wish.conflict = created.refused;
    answered_.push_back(wish.key);
  }
  for (const Conflict& conflict : created.conflicts) wishes_.at(call.wishes[conflict.index]).conflict = true;
}

engine::Input Client::create(CreateBatch batch, const std::vector<std::uint64_t>& programs, bool may_create) {
  Call& call = new_call(0);
  for (std::size_t i = 0; i < batch.rows.size(); ++i) {
    const auto number = static_cast<std::int64_t>(wishes_.size()) + 1;
    NewRow& row = batch.rows[i];
    row.params = encode(Params{.program = programs[i], .request = number, .may_create = may_create});
    call.wishes.push_back(number);
    wishes_[number] = {.workflow = batch.workflow, .id = row.id, .params = row.params, .call = &call};
  }
  return engine::Intake{std::move(batch), reply_of(call)};
}

engine::Input Client::ask(Change change, Key key) {
  return engine::Intake{std::move(change), reply_of(new_call(key))};
}

engine::Input Client::watch(Key key) {
  const std::uint64_t number = ++last_watch_;
  watches_[number] = key;
  auto callback = [this, number](std::exception_ptr error, const detail::Ended& ended) {
    findings_.require(watches_.erase(number) == 1, "a watch was told twice, or after it was given up");
    statistics_.count(error ? "watch error" : "watch ended");
    if (!error) {
      findings_.require(is_finished(ended.status), "a watch was told of an end that is none");
      trace_.note("  ended", number, ended.status);
    }
  };
  return engine::Watch{.key = key, .callback = std::move(callback), .number = number};
}

std::optional<engine::Unwatch> Client::unwatch() {
  if (watches_.empty()) return std::nullopt;
  const auto [number, key] = *watches_.begin();
  watches_.erase(watches_.begin());
  statistics_.count("watch given up");
  return engine::Unwatch{.key = key, .number = number};
}

void Client::lose_answers() {
  for (Call& call : calls_) {
    if (call.answer == Answer::none) answer(call, Answer::unknown);
  }
  watches_.clear();
}

// ---------------------------------------------------------------------------------------------------- checks

void Client::look(const History& history) {
  const auto request = decode<Params>(history.params).request;
  const auto wish = wishes_.find(request);
  findings_.require(wish != wishes_.end() && wish->second.id == history.row.id &&
                        wish->second.workflow == history.row.workflow &&
                        wish->second.params == history.params,
                    "V3: nobody has asked for ", history.row.id, " with ", history.params);
  findings_.require(found_.emplace(request, history.row.key).second, "V1: ", history.row.id,
                    " was created twice");
  found_ids_[{history.row.workflow, history.row.id}] = request;
}

void Client::end_check(const Facts& facts) {
  for (Call& call : calls_) {
    if (!call.wishes.empty() && call.answer != Answer::none) check_batch(call, facts);
  }
  found_ids_.clear();
}

void Client::check_batch(Call& call, const Facts& facts) {
  std::size_t there = 0;
  std::size_t missing = 0;
  for (const std::int64_t number : call.wishes) {
    Wish& wish = wishes_.at(number);
    const auto found = found_.find(number);
    if (found != found_.end()) {
      ++there;
      findings_.require(!wish.conflict && (wish.key == 0 || wish.key == found->second), "V1: ", wish.id,
                        " was not created, as the caller was told, and is there");
      wish.key = found->second;
    } else if (wish.key != 0 && !wish.conflict) {
      findings_.require(facts.removed(wish.key), "V1: ", wish.id,
                        " was created, as the caller was told, and is gone");
    } else if (!wish.conflict && !found_ids_.contains({wish.workflow, wish.id})) {
      ++missing;
    }
  }
  findings_.require(call.answer != Answer::failed || there == 0,
                    "V21: a batch was created whose caller was told that it failed");
  if (call.answer != Answer::unknown) return;
  findings_.require(there == 0 || missing == 0, "V2: a part of a batch was created");
  // Whoever asks again knows.
  call.answer = there > 0 ? Answer::ok : Answer::failed;
  statistics_.count(there > 0 ? "answer learnt ok" : "answer learnt failed");
  for (const std::int64_t number : call.wishes) {
    Wish& wish = wishes_.at(number);
    if (wish.key == 0) wish.conflict = true;
  }
}

}  // namespace cairn::testing
