package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// report is what a measurement prints when it is done: a table for people and, if asked for, one JSON object as the
// last line.
type report struct {
	title string
	rows  []reportRow
}

type reportRow struct{ label, value, unit string }

func (r *report) add(label string, value any, unit string) {
	r.rows = append(r.rows, reportRow{label, number(value), unit})
}

// addCodes adds how often each refusal was answered, by code.
func (r *report) addCodes(codes map[string]uint64) {
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		r.add("  "+code, codes[code], "")
	}
}

// number writes integers with separators of thousands, and anything else as it is.
func number(value any) string {
	text := fmt.Sprint(value)
	switch v := value.(type) {
	case int, int64, uint32, uint64:
	case float64:
		text = strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return text
	}
	whole, fraction, point := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if point {
		return whole + "." + fraction
	}
	return whole
}

// String is the table, with values aligned on the right.
func (r *report) String() string {
	var b strings.Builder
	labels, values := 0, 0
	for _, row := range r.rows {
		labels = max(labels, utf8.RuneCountInString(row.label))
		values = max(values, utf8.RuneCountInString(row.value))
	}
	fmt.Fprintln(&b, r.title)
	for _, row := range r.rows {
		line := fmt.Sprintf("  %-*s  %*s  %s", labels, row.label, values, row.value, row.unit)
		fmt.Fprintln(&b, strings.TrimRight(line, " "))
	}
	return b.String()
}
