package shard_test

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/hustings/hustings/exchange"
)

func show(v any) string {
	text := strings.TrimPrefix(fmt.Sprintf("%T%+v", v, reflect.Indirect(reflect.ValueOf(v))), "*exchange.")
	return strings.ReplaceAll(text, "Key:"+fmt.Sprintf("%+v", exchange.Key{})+" ", "")
}

func showAll(events []exchange.Event) string {
	if len(events) == 0 {
		return " nothing"
	}
	var b strings.Builder
	for _, event := range events {
		b.WriteString("\n    " + show(event))
	}
	return b.String()
}

func differ(where string, model, shard []exchange.Event) error {
	return fmt.Errorf("%s: events differ\nmodel: %s\nshard: %s", where, showAll(model), showAll(shard))
}

// firstDifference names where two values of one type differ, model first.
func firstDifference(a, b reflect.Value, path string) string {
	switch a.Kind() {
	case reflect.Struct:
		for i := range a.NumField() {
			if d := firstDifference(a.Field(i), b.Field(i), path+"."+a.Type().Field(i).Name); d != "" {
				return d
			}
		}
		return ""
	case reflect.Slice:
		for i := range min(a.Len(), b.Len()) {
			if d := firstDifference(a.Index(i), b.Index(i), fmt.Sprintf("%s[%d]", path, i)); d != "" {
				return d
			}
		}
		if a.Len() != b.Len() {
			return fmt.Sprintf("%s: model has %d, shard has %d: %+v, %+v", path, a.Len(), b.Len(), a, b)
		}
		return ""
	}
	if !a.Equal(b) {
		return fmt.Sprintf("%s: model %v, shard %v", path, a, b)
	}
	return ""
}
