package model

import (
	"unicode"
	"unicode/utf8"
)

// validText reports whether s is from least to most characters of plain text.
func validText(s string, least, most int) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, c := range s {
		if unicode.IsControl(c) && c != '\n' && c != '\t' {
			return false
		}
	}
	n := utf8.RuneCountInString(s)
	return least <= n && n <= most
}
