// The program that the opening test kills. Usage: opening_host FILE
// Becomes the owner of the file, says "opened EPOCH", and stays it until it is killed.

#include <cairn/open.hpp>
#include <cairn/store.hpp>

#include <unistd.h>

#include <exception>
#include <iostream>
#include <memory>

int main(int argc, char** argv) {
  try {
    if (argc != 2) return 2;
    const std::unique_ptr<cairn::Store> store = cairn::open_sqlite(argv[1]);
    std::cout << "opened " << store->ownership().epoch << std::endl;
    ::pause();
    return 0;
  } catch (const std::exception& error) {
    std::cout << "refused " << error.what() << std::endl;
    return 1;
  }
}
