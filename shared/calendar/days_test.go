package calendar

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/fault"
)

func loadAlmanac(t *testing.T, more ...Period) *Almanac {
	t.Helper()
	a, err := LoadAlmanac(more...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAlmanac_Days(t *testing.T) {
	pause := Period{Kind: Pausa, Name: "Duelo nacional", From: date(t, "2026-12-24"), To: date(t, "2026-12-25"), Blocks: true}
	a := loadAlmanac(t, pause)
	for _, tt := range []struct {
		from, to string
		want     []Day
	}{
		{"2026-12-01", "2026-12-07", nil},
		{"2026-12-08", "2026-12-08", []Day{{Date: date(t, "2026-12-08"), Kind: Feriado, Name: "Inmaculada Concepción"}}},
		{"2026-12-23", "2026-12-26", []Day{
			{Date: date(t, "2026-12-24"), Kind: Pausa, Name: "Duelo nacional", Blocks: true},
			{Date: date(t, "2026-12-25"), Kind: Feriado, Name: "Navidad"},
			{Date: date(t, "2026-12-25"), Kind: Pausa, Name: "Duelo nacional", Blocks: true},
		}},
		{"2028-08-29", "2028-08-30", []Day{{Date: date(t, "2028-08-30"), Kind: Veda, Name: "Campaña: elecciones municipales y regionales", Blocks: true}}},
		{"2028-10-29", "2028-10-30", []Day{{Date: date(t, "2028-10-29"), Kind: Veda, Name: "Sin propaganda: elecciones municipales y regionales", Blocks: true}}},
		{"2026-12-08", "2026-12-07", nil},
	} {
		got, err := a.Days(date(t, tt.from), date(t, tt.to))
		if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
			t.Errorf("%s to %s: %v\n%s", tt.from, tt.to, err, diff)
		}
	}
	if got, err := a.Days(date(t, "2026-12-01"), date(t, "2199-12-01")); !errors.Is(err, ErrOutsideTable) {
		t.Errorf("%v, %v", got, err)
	}
}

// sunday gives the n-th Sunday of a month, the last one when n is 0.
func sunday(year int, month time.Month, n int) Date {
	if n == 0 {
		last := Date{year, month + 1, 1}.AddDays(-1)
		return last.AddDays(-int(last.Weekday()))
	}
	first := Date{year, month, 1}
	return first.AddDays((7-int(first.Weekday()))%7 + 7*(n-1))
}

// The file, derived again from the days of the elections. What is reckoned is held against a past election everybody saw: that of
// 16 November 2025, whose propaganda began on 17 September and ended on the 13th.
func TestVedas(t *testing.T) {
	vedas, err := LoadVedas()
	if err != nil {
		t.Fatal(err)
	}
	if d := sunday(2025, 11, 3); d.String() != "2025-11-16" || d.AddDays(-60).String() != "2025-09-17" || d.AddDays(-140).String() != "2025-06-29" {
		t.Fatalf("the reckoning is wrong: %s", d)
	}
	if d := sunday(2024, 10, 0); d.String() != "2024-10-27" || d.AddDays(28).String() != "2024-11-24" || d.AddDays(-140).String() != "2024-06-09" {
		t.Fatalf("the reckoning is wrong: %s", d)
	}
	var want [][2]string
	for _, first := range []Date{sunday(2028, 10, 0), sunday(2029, 11, 3)} {
		for _, election := range []struct {
			day    Date
			begins int
		}{{first.AddDays(-140), 60}, {first, 60}, {first.AddDays(28), 14}} {
			want = append(want, [2]string{election.day.AddDays(-election.begins).String(), election.day.AddDays(-3).String()})
			want = append(want, [2]string{election.day.AddDays(-2).String(), election.day.String()})
		}
	}
	var got [][2]string
	for _, v := range vedas {
		got = append(got, [2]string{v.From.String(), v.To.String()})
		if v.Kind != Veda || !v.Blocks || !strings.Contains(v.Law, "por confirmar con Jurídica") {
			t.Errorf("%+v", v)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestParsePeriods_Refused(t *testing.T) {
	for _, table := range []string{
		``, `{}`, `[{"kind":"veda"}]`, `[{"kind":"fiesta","name":"a","from":"2026-12-01","to":"2026-12-01"}]`,
		`[{"kind":"veda","name":"a","from":"2026-12-02","to":"2026-12-01"}]`, `[{"kind":"veda","name":"a","to":"2026-12-01"}]`,
		`[{"kind":"veda","name":"a","from":"2026-12-32","to":"2026-12-01"}]`, `[{"kind":"veda","name":"a","from":"2026-12-01","to":"2026-12-01","block":true}]`,
		`[{"kind":"veda","name":"a","from":"2026-12-02","to":"2026-12-02"},{"kind":"veda","name":"b","from":"2026-12-01","to":"2026-12-01"}]`,
	} {
		if got, err := ParsePeriods([]byte(table)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v, %v", table, got, err)
		}
	}
}
