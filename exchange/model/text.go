package model

import "unicode/utf8"

// validText reports whether s is UTF-8 text of least to most characters.
func validText(s string, least, most int) bool {
	n := utf8.RuneCountInString(s)
	return utf8.ValidString(s) && least <= n && n <= most
}
