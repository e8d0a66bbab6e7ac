package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestCost(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{nil, exitDone, "### Un año de SENCE"},
		{[]string{"--help"}, exitDone, "usage: gestor cost"},
		{[]string{"mucho"}, exitUsage, "unexpected argument"},
		{[]string{"--moneda"}, exitUsage, "moneda"},
	} {
		var out, errs bytes.Buffer
		code := runCost(t.Context(), c.args, terminal{out: &out, err: &errs})
		if code != c.code || !strings.Contains(out.String()+errs.String(), c.says) {
			t.Errorf("%q: exit %d, %s%s", c.args, code, out.String(), errs.String())
		}
	}
}
