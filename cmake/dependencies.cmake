# What cairn stands on. A host project that already has a target keeps its own; nothing is downloaded.
# The targets are made global, so that a host can link cairn::cairn from any of its folders.

set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)

if(NOT TARGET Threads::Threads)
  find_package(Threads REQUIRED)
endif()
if(NOT TARGET nlohmann_json::nlohmann_json)
  find_package(nlohmann_json 3.11 REQUIRED)
endif()
if(NOT TARGET Boost::headers)
  find_package(Boost 1.81 CONFIG REQUIRED)
endif()
if(NOT TARGET SQLite::SQLite3)
  find_package(SQLite3 3.40 REQUIRED)
endif()
if(NOT TARGET SQLiteCpp)
  find_package(SQLiteCpp 3.2 REQUIRED)
endif()

unset(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL)
