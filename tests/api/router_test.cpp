#include "api/requests/router.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace cairn::api {
namespace {

std::optional<Match> find(std::string_view path) {
  return match(parse_target("/client/v4/accounts/acc" + std::string{path}));
}

TEST(Router, FindsEveryRoute) {
  EXPECT_EQ(find("/workflows")->route, Route::workflows);
  EXPECT_EQ(find("/workflows/w")->route, Route::workflow);
  EXPECT_EQ(find("/workflows/w/instances")->route, Route::instances);
  EXPECT_EQ(find("/workflows/w/instances/batch")->route, Route::batch);
  EXPECT_EQ(find("/workflows/w/instances/i")->route, Route::instance);
  EXPECT_EQ(find("/workflows/w/instances/i/status")->route, Route::status);
  EXPECT_EQ(find("/workflows/w/instances/i/step")->route, Route::step);
  EXPECT_EQ(find("/workflows/w/instances/i/events/e")->route, Route::events);
}

TEST(Router, FindsTheHealthBesideThem) {
  EXPECT_EQ(match(parse_target("/healthz"))->route, Route::health);
  for (const char* path : {"/healthz/", "/healthz/x", "/client/v4/healthz", "/Healthz"})
    EXPECT_FALSE(match(parse_target(path))) << path;
}

TEST(Router, TakesTheNamesOutOfThePath) {
  const std::optional<Match> found = find("/workflows/orders/instances/order%2D1/events/approved");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->workflow, "orders");
  EXPECT_EQ(found->instance, "order-1");
  EXPECT_EQ(found->event_type, "approved");
}

TEST(Router, WorksWithoutThePrefixOfCloudflaresAddress) {
  EXPECT_TRUE(match(parse_target("/accounts/acc/workflows")));
  EXPECT_FALSE(match(parse_target("/client/accounts/acc/workflows")));
  EXPECT_FALSE(match(parse_target("/client/v4/workflows")));
}

TEST(Router, TakesATrailingSlashOnCollectionsAlone) {
  EXPECT_EQ(find("/workflows/w/instances/")->route, Route::instances);
  EXPECT_EQ(find("/workflows/")->route, Route::workflows);
  EXPECT_FALSE(find("/workflows/w/"));
  EXPECT_FALSE(find("/workflows/w/instances/i/"));
  EXPECT_FALSE(find("/workflows/w/instances/batch/"));
}

TEST(Router, NeverTakesAReservedWordForAnId) {
  for (const char* path :
       {"/workflows/w/instances/terminate", "/workflows/w/instances/batch/terminate",
        "/workflows/w/instances/batch/delete", "/workflows/w/instances/batch/status",
        "/workflows/w/instances/terminate/status", "/workflows/w/instances/batch/step",
        "/workflows/w/instances/terminate/step", "/workflows/w/instances/batch/events/e"}) {
    EXPECT_FALSE(find(path)) << path;
  }
}

TEST(Router, HasNoOtherRoutes) {
  for (const char* path : {"", "/workers", "/workflows/w/versions", "/workflows/w/instances/i/steps",
                           "/workflows/w/instances/i/step/1", "/workflows/w/instances/i/events",
                           "/workflows/w/instances/i/events/e/f", "/Workflows"}) {
    EXPECT_FALSE(find(path)) << path;
  }
  EXPECT_FALSE(match(parse_target("/")));
}

TEST(Router, AnEscapedSlashDoesNotMakeARoute) {
  EXPECT_EQ(find("/workflows/w/instances/i%2Fstatus")->route, Route::instance);
  EXPECT_EQ(find("/workflows/w/instances/i%2Fstatus")->instance, "i/status");
}

TEST(Router, AllowsWhatItsAllowHeaderSays) {
  for (const Route route :
       {Route::workflows, Route::workflow, Route::instances, Route::batch, Route::instance, Route::step,
        Route::status, Route::events, Route::health, Route::clock}) {
    const std::string listed = ", " + std::string{allowed_methods(route)} + ",";
    for (const std::string method : {"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "TRACE", "get"}) {
      EXPECT_EQ(allows(route, method), listed.find(", " + method + ",") != std::string::npos)
          << listed << method;
    }
    EXPECT_NE(listed.find(", OPTIONS,"), std::string::npos);
  }
}

}  // namespace
}  // namespace cairn::api
