package main

import (
	"testing"
	"time"
)

func TestParseInstant(t *testing.T) {
	zone := time.FixedZone("here", 3600)
	now := time.Date(2026, 11, 4, 12, 0, 0, 0, zone)
	for text, want := range map[string]string{
		"2026-11-03T21:47:00Z":      "2026-11-03T21:47:00.000000000Z",
		"2026-11-03T21:47:00-05:00": "2026-11-04T02:47:00.000000000Z",
		"2026-11-03 21:47":          "2026-11-03T20:47:00.000000000Z",
		"2026-11-03 21:47:05.5":     "2026-11-03T20:47:05.500000000Z",
		"2026-11-03":                "2026-11-02T23:00:00.000000000Z",
		"-10m":                      "2026-11-04T10:50:00.000000000Z",
		"-1h30m":                    "2026-11-04T09:30:00.000000000Z",
		"10m":                       "",
		"-10":                       "",
		"-1x":                       "",
		"2026-11-04 12:01":          "",
		"1969-01-01":                "",
		"":                          "",
	} {
		got, err := parseInstant(text, now)
		if want == "" && err == nil || want != "" && (err != nil || got.String() != want) {
			t.Errorf("%q: %v, %v, want %s", text, got, err, want)
		}
	}
}
