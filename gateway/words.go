package gateway

import (
	"strings"

	"github.com/hustings/hustings/api"
)

// word reads a string that must be one of a few, and returns its index.
func (s *scanner) word(field string, words []string) (uint8, *api.Problem) {
	b, p := s.text(field)
	if p != nil {
		return 0, p
	}
	for i, w := range words {
		if string(b) == w {
			return uint8(i), nil
		}
	}
	return 0, api.CodeInvalidField.Problem(field, field+" must be one of: "+strings.Join(words, ", ")+".")
}
