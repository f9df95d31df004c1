# What a package holds besides the programs, manual pages and catalogues,
# which the folders that build them install: papers, examples, units.
#
#   cmake --install build/rel --prefix DIR
#   (cd build/rel && cpack -G DEB)

# As in the tree, so that the links between the papers lead somewhere.
install(FILES LICENSE README.md README.zh.md SECURITY.md ARCHITECTURE.md CHANGES
	DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES proto/PROTOCOL.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/proto)
install(FILES audit/EVIDENCE.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/audit)
install(FILES cases/DIALOGUE.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/cases)
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DOCDIR})

# lib, not CMAKE_INSTALL_LIBDIR: systemd looks nowhere else.
install(FILES packaging/casewired.service packaging/casewire-relay.service
	packaging/casewire-witness.service
	DESTINATION lib/systemd/system)
install(FILES packaging/casewire.sysusers RENAME casewire.conf
	DESTINATION lib/sysusers.d)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR casewire)
set(CPACK_PACKAGE_CONTACT "casewire maintainers <casewire@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY
	"case-status notifications two agencies can both prove")
set(CPACK_PACKAGE_DESCRIPTION
"Two agencies that only partly trust each other notify each other of cases,
signed and sealed end to end, through a relay that can neither read nor forge.
This package holds the endpoint's agent and command line, the custodian's tool,
the relay, the witness and the offline auditor.")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
	${CMAKE_CURRENT_SOURCE_DIR}/packaging/postinst)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
