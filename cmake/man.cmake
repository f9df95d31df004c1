# Manual pages: each program's NAME.N.scd beside its main, built by scdoc.

find_program(SCDOC scdoc)

# cw_man(PAGE): build PAGE (casewire-keys.1 from casewire-keys.1.scd in this
# folder) into man/ and install it.
function(cw_man page)
	if(NOT SCDOC)
		message(STATUS "scdoc is missing: ${page} is not built")
		return()
	endif()
	set(source ${CMAKE_CURRENT_SOURCE_DIR}/${page}.scd)
	set(target ${CMAKE_BINARY_DIR}/man/${page})
	string(REGEX REPLACE ".*\\." "" section ${page})
	add_custom_command(OUTPUT ${target}
		COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/man
		COMMAND sh -c "exec ${SCDOC} < ${source} > ${target}"
		DEPENDS ${source} VERBATIM)
	add_custom_target(man-${page} ALL DEPENDS ${target})
	install(FILES ${target} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endfunction()
