package calendar

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// rule is what a law says about one year; a row without date is a law that says nothing that year.
type rule struct {
	Date          Date
	Name          string
	Irrenunciable bool
}

// rulesOf derives the holidays of a year from the laws, independently of the table.
func rulesOf(year int) []rule {
	on := func(month time.Month, day int) Date { return Date{year, month, day} }
	easter := easter(year)
	rules := []rule{
		{on(1, 1), "Año Nuevo", true},
		{easter.AddDays(-2), "Viernes Santo", false},
		{easter.AddDays(-1), "Sábado Santo", false},
		{on(5, 1), "Día Nacional del Trabajo", true},
		{on(5, 21), "Día de las Glorias Navales", false},
		{toMonday(on(6, 29)), "San Pedro y San Pablo", false},
		{on(7, 16), "Virgen del Carmen", false},
		{on(8, 15), "Asunción de la Virgen", false},
		{on(9, 18), "Independencia Nacional", true},
		{on(9, 19), "Día de las Glorias del Ejército", true},
		{toMonday(on(10, 12)), "Encuentro de Dos Mundos", false},
		{evangelical(on(10, 31)), "Día Nacional de las Iglesias Evangélicas y Protestantes", false},
		{on(11, 1), "Día de Todos los Santos", false},
		{on(12, 8), "Inmaculada Concepción", false},
		{on(12, 25), "Navidad", true},
	}
	when := func(yes bool, d Date, name string) {
		if yes {
			rules = append(rules, rule{d, name, false})
		}
	}
	when(on(1, 1).Weekday() == time.Sunday, on(1, 2), "Feriado adicional (2 de enero)")                   // Ley 20.983
	when(on(9, 17).Weekday() == time.Monday, on(9, 17), "Feriado adicional Fiestas Patrias (lunes 17)")   // Ley 20.215
	when(on(9, 17).Weekday() == time.Friday, on(9, 17), "Feriado adicional Fiestas Patrias (viernes 17)") // Ley 20.983
	when(on(9, 20).Weekday() == time.Friday, on(9, 20), "Feriado adicional Fiestas Patrias (viernes 20)") // Ley 20.215
	when(year == 2022, on(9, 16), "Feriado por única vez (16 de septiembre de 2022)")                     // Ley 21.482
	when(year == 2021, on(6, 21), "Día Nacional de los Pueblos Indígenas")                                // Ley 21.357, transitory
	when(year > 2021, DateOf(solstice(year), chile()), "Día Nacional de los Pueblos Indígenas")           // Ley 21.357
	slices.SortFunc(rules, func(a, b rule) int { return a.Date.Compare(b.Date) })
	return rules
}

// chile is the winter offset, which June has in every year of the table.
func chile() *time.Location { return time.FixedZone("-04", -4*60*60) }

// toMonday is Ley 19.668: Tuesday to Thursday move back to Monday, Friday on to the next.
func toMonday(d Date) Date {
	if day := d.Weekday(); day >= time.Tuesday && day <= time.Thursday {
		return d.AddDays(int(time.Monday - day))
	}
	if d.Weekday() == time.Friday {
		return d.AddDays(3)
	}
	return d
}

// evangelical is Ley 20.299: Tuesday moves back to Friday, Wednesday on to Friday.
func evangelical(d Date) Date {
	if d.Weekday() == time.Tuesday {
		return d.AddDays(-4)
	}
	if d.Weekday() == time.Wednesday {
		return d.AddDays(2)
	}
	return d
}

// easter gives Easter Sunday of the Gregorian calendar from the golden number, the century's corrections and the epact
// (J.-M. Oudin, 1940).
func easter(year int) Date {
	golden, century := year%19, year/100
	epact := (century - century/4 - (8*century+13)/25 + 19*golden + 15) % 30
	moon := epact - epact/28*(1-epact/28*(29/(epact+1))*((21-golden)/11))
	weekday := (year + year/4 + moon + 2 - century + century/4) % 7
	sunday := moon - weekday // days after 28 March
	return Date{year, time.March, 28}.AddDays(sunday)
}

// solstice gives the June solstice of the years 2000 to 2100 within a few minutes: the mean solstice as a polynomial and
// its largest periodic terms (J. Meeus, Astronomical Algorithms, chapter 27).
func solstice(year int) time.Time {
	y := float64(year-2000) / 1000
	mean := 2451716.56767 + 365241.62603*y + 0.00325*y*y + 0.00888*y*y*y - 0.00030*y*y*y*y
	t := (mean - 2451545) / 36525
	rad := func(degrees float64) float64 { return degrees * math.Pi / 180 }
	w := rad(35999.373*t - 2.47)
	speed := 1 + 0.0334*math.Cos(w) + 0.0007*math.Cos(2*w)
	sum := 0.0
	for _, term := range [][3]float64{
		{485, 324.96, 1934.136},
		{203, 337.23, 32964.467},
		{199, 342.08, 20.186},
		{182, 27.85, 445267.112},
		{156, 73.14, 45036.886},
		{136, 171.52, 22518.443},
		{77, 222.54, 65928.934},
		{74, 296.72, 3034.906},
		{70, 243.58, 9037.513},
		{58, 119.81, 33718.147},
		{52, 297.17, 150.678},
		{50, 21.02, 2281.226},
		{45, 247.54, 29929.562},
		{44, 325.15, 31555.956},
		{29, 60.93, 4443.417},
		{18, 155.12, 67555.328},
		{17, 288.79, 4562.452},
		{16, 198.04, 62894.029},
		{14, 199.76, 31436.921},
		{12, 95.39, 14577.848},
		{12, 287.11, 31931.756},
		{12, 320.81, 34777.259},
		{9, 227.73, 1222.114},
		{8, 15.45, 16859.074},
	} {
		sum += term[0] * math.Cos(rad(term[1]+term[2]*t))
	}
	julian := mean + 0.00001*sum/speed
	const unixEpoch, dynamicalMinusUniversal = 2440587.5, 69.0 / 86400
	return time.Unix(int64((julian-unixEpoch-dynamicalMinusUniversal)*86400), 0).UTC()
}

func TestRules_GenerateTheTable(t *testing.T) {
	c := load(t)
	var want, got []rule
	for year := 2019; year <= 2028; year++ {
		want = append(want, rulesOf(year)...)
	}
	for _, h := range c.Holidays() {
		got = append(got, rule{h.Date, h.Name, h.Irrenunciable})
		if h.Law == "" {
			t.Errorf("%s names no law", h.Date)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the laws give (-), the table holds (+):\n%s", diff)
	}
}

func TestRules_Solstice(t *testing.T) {
	for year, day := range map[int]int{2022: 21, 2023: 21, 2024: 20, 2025: 20, 2026: 21, 2027: 21, 2028: 20, 2029: 20, 2030: 21} {
		if got := DateOf(solstice(year), chile()); got != (Date{year, time.June, day}) {
			t.Errorf("%d: %s, want day %d", year, got, day)
		}
	}
	for year, want := range map[int]string{2021: "2021-06-20T23:31:00-04:00", 2025: "2025-06-20T22:42:00-04:00", 2029: "2029-06-20T21:48:00-04:00"} {
		if off := solstice(year).Sub(instant(t, want)).Abs(); off > 3*time.Minute {
			t.Errorf("%d: %s off", year, off)
		}
	}
}

func TestCalendar_WorkingDaysPerYear(t *testing.T) {
	c := load(t)
	for i, want := range []int{249, 252, 251, 250, 247, 249, 249, 251, 251, 248} {
		got := 0
		for d := (Date{2019 + i, 1, 1}); d.Year == 2019+i; d = d.AddDays(1) {
			business, err := c.IsBusiness(d)
			if err != nil {
				t.Fatal(err)
			}
			if business {
				got++
			}
		}
		if got != want {
			t.Errorf("%d has %d working days, want %d", 2019+i, got, want)
		}
	}
}
