# cmake -DDIR=lists -DOUT=table.h -P: two lists of 2,048 words into C.

function(table name file)
	file(STRINGS ${DIR}/${file} words ENCODING UTF-8)
	list(LENGTH words n)
	if(NOT n EQUAL 2048)
		message(FATAL_ERROR "${DIR}/${file} has ${n} words, not 2048")
	endif()
	list(JOIN words "\",\n\t\"" body)
	file(APPEND ${OUT}
		"static const char *const ${name}[2048] = {\n\t\"${body}\",\n};\n")
endfunction()

file(WRITE ${OUT} "/* Made from ${DIR} at build time. */\n")
table(english english.txt)
table(chinese chinese_simplified.txt)
