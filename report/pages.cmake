# Writes the pages of docs/findings into a C source, so that --explain needs no
# files at run time.  cmake -DPAGES="a.md;b.md" -DOUT=pages.c -P pages.cmake
set(bytes "")
set(rows "")
set(n 0)
foreach(page IN LISTS PAGES)
	get_filename_component(id ${page} NAME)
	string(REGEX REPLACE "[.]md$" "" id ${id})
	file(READ ${page} hex HEX)
	string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," hex "${hex}")
	string(APPEND bytes
		"static const char page_${n}[] = {${hex}0};\n")
	string(APPEND rows "\t{\"${id}\", page_${n}},\n")
	math(EXPR n "${n} + 1")
endforeach()
file(WRITE ${OUT}.new
	"/* Made from docs/findings by report/pages.cmake. */\n"
	"#include \"report/pages.h\"\n\n${bytes}\n"
	"const struct page_of pages[] = {\n${rows}\t{0, 0},\n};\n")
file(RENAME ${OUT}.new ${OUT})
