package config

import (
	"reflect"
	"strconv"
)

// setting is one name that a file may have: "listen.api".
type setting struct {
	name  string
	value string // by default; empty where it must be given or is empty
}

// settings lists all, in the order of File.
func settings() []setting {
	return settingsOf(reflect.ValueOf(Defaults()), "")
}

func settingsOf(v reflect.Value, table string) (all []setting) {
	for i := range v.NumField() {
		name := table + v.Type().Field(i).Tag.Get("toml")
		switch field := v.Field(i); field.Kind() {
		case reflect.Struct:
			all = append(all, settingsOf(field, name+".")...)
		case reflect.Slice:
			all = append(all, settingsOf(reflect.Zero(field.Type().Elem()), name+".")...)
		default:
			all = append(all, setting{name, text(field)})
		}
	}
	return all
}

// text is a value as a file would have it, empty for none.
func text(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case bool:
		if !x {
			return "false"
		}
		return "true"
	case uint16:
		return ""
	case uint32:
		return strconv.FormatUint(uint64(x), 10)
	case Duration:
		return x.String()
	}
	return v.String()
}
