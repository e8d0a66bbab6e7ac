package main

import (
	"math"
	"math/rand/v2"
	"slices"

	"sence.gob.cl/gestor/shared/classify"
)

// answer is what the classifier said of one example.
type answer struct {
	gold example
	got  classify.Result
}

// figures are what is measured of some answers (classification.md §5). Intents are in the order of classify.Intents, urgencies in
// that of classify.Urgencies.
type figures struct {
	n           int
	confusion   [6][6]int
	macroF1     float64
	recall, f1  [6]float64
	cost        float64
	ece         float64
	flagged     float64 // the share that is proposed as reclamo or denuncia
	caught      float64 // of those that are, how many
	urgency     [4][4]int
	urgencyF1   float64
	topicsF1    float64
	setSize     float64
	setCovers   float64
	collapsible int // cases that would be put away as spam
	folded      int // of what is spam, how much would be
	// Personal data, by type and mention: what is there, what of it was found, and what was found that is not there.
	personal, personalFound, personalFalse int
}

// measure computes the figures of some answers.
func measure(answers []answer) figures {
	f := figures{n: len(answers)}
	n := float64(max(f.n, 1))
	var bins [10]struct{ sure, right float64 }
	var caught, cases, flagged, sizes, covered float64
	for _, a := range answers {
		gold, got := a.gold.intent.Rank(), a.got.Intent.Rank()
		f.confusion[gold][got]++
		f.cost += classify.Costs()[gold][got] / n
		sure := a.got.Probabilities[a.got.Intent]
		bin := &bins[min(9, int(sure*10))]
		bin.sure += sure
		bin.right += count(gold == got)
		flagged += count(got <= 1)
		cases += count(gold <= 1)
		caught += count(gold <= 1 && got <= 1)
		sizes += float64(len(a.got.Set))
		covered += count(slices.Contains(a.got.Set, a.gold.intent))
		f.folding(a)
		f.data(a)
		f.urgency[slices.Index(classify.Urgencies(), a.gold.urgency)][slices.Index(classify.Urgencies(), a.got.Urgency)]++
	}
	for _, b := range bins {
		f.ece += math.Abs(b.sure-b.right) / n
	}
	f.caught, f.flagged, f.setSize, f.setCovers = caught/max(cases, 1), flagged/n, sizes/n, covered/n
	f.topicsF1 = topicsF1(answers)
	recall, f1 := byClass(rows(6, func(i int) []int { return f.confusion[i][:] }))
	copy(f.recall[:], recall)
	copy(f.f1[:], f1)
	f.macroF1 = mean(f1)
	_, f1 = byClass(rows(4, func(i int) []int { return f.urgency[i][:] }))
	f.urgencyF1 = mean(f1)
	return f
}

func count(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// rows gives the rows of a table of n.
func rows(n int, row func(i int) []int) [][]int {
	all := make([][]int, n)
	for i := range all {
		all[i] = row(i)
	}
	return all
}

// topicsF1 is the micro-F1 of the topics.
func topicsF1(answers []answer) float64 {
	var hit, said, meant float64
	for _, a := range answers {
		for _, t := range a.got.Topics {
			hit += count(slices.Contains(a.gold.topics, t))
		}
		said, meant = said+float64(len(a.got.Topics)), meant+float64(len(a.gold.topics))
	}
	return 2 * hit / max(said+meant, 1)
}

// folding counts what would be folded as spam.
func (f *figures) folding(a answer) {
	switch {
	case !a.got.Collapsible():
	case a.gold.intent == classify.Spam:
		f.folded++
	case a.gold.intent.Rank() <= classify.Consulta.Rank():
		f.collapsible++
	}
}

// of is how many there are of an intent.
func (f figures) of(intent classify.Intent) int {
	n := 0
	for _, c := range f.confusion[intent.Rank()] {
		n += c
	}
	return n
}

// data counts the personal data of one answer.
func (f *figures) data(a answer) {
	var found []string
	for _, span := range a.got.PII {
		if !slices.Contains(found, span.Type) {
			found = append(found, span.Type)
		}
	}
	for _, t := range a.gold.pii {
		f.personal++
		if slices.Contains(found, t) {
			f.personalFound++
		}
	}
	for _, t := range found {
		if !slices.Contains(a.gold.pii, t) {
			f.personalFalse++
		}
	}
}

// byClass gives recall and F1 of each class of a confusion table; a class that does not occur counts as found.
func byClass(table [][]int) (recall, f1 []float64) {
	for i := range table {
		right, missed, wrong := table[i][i], 0, 0
		for j := range table {
			if j != i {
				missed, wrong = missed+table[i][j], wrong+table[j][i]
			}
		}
		if right+missed+wrong == 0 {
			recall, f1 = append(recall, 1), append(f1, 1)
			continue
		}
		recall = append(recall, float64(right)/float64(max(right+missed, 1)))
		f1 = append(f1, 2*float64(right)/float64(2*right+missed+wrong))
	}
	return recall, f1
}

func mean(numbers []float64) float64 {
	sum := 0.0
	for _, x := range numbers {
		sum += x
	}
	return sum / float64(len(numbers))
}

// interval is the middle 95 of 100 of a figure over answers drawn anew a thousand times.
func interval(answers []answer, of func(figures) float64) (low, high float64) {
	const draws = 1000
	order := rand.New(rand.NewPCG(7, uint64(len(answers))))
	all := make([]float64, draws)
	drawn := make([]answer, len(answers))
	for i := range all {
		for j := range drawn {
			drawn[j] = answers[order.IntN(len(answers))]
		}
		all[i] = of(measure(drawn))
	}
	slices.Sort(all)
	return all[draws*25/1000], all[draws*975/1000-1]
}
