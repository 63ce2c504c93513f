#include "http/curl/client.hpp"
