# Flags for every target.  -Wconversion is on because a length that changes
# its type silently is how a wire format becomes a vulnerability.

add_compile_options(-Wall -Wextra -Wconversion -Wshadow -Wmissing-prototypes
	-Wstrict-prototypes -Wpointer-arith -Wwrite-strings -Wvla
	-fstack-protector-strong -fno-common)
add_compile_definitions(_GNU_SOURCE)
include_directories(${CMAKE_SOURCE_DIR})

if(CASEWIRE_WERROR)
	add_compile_options(-Werror)
endif()

if(CASEWIRE_SANITIZE)
	add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all
		-fno-omit-frame-pointer -g)
	add_link_options(-fsanitize=address,undefined)
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
	add_compile_options(-g)
	add_compile_definitions(_FORTIFY_SOURCE=2)
	add_link_options(-Wl,-z,relro,-z,now)
endif()

if(CASEWIRE_FUZZ)
	add_compile_options(-fsanitize=fuzzer-no-link)
endif()
