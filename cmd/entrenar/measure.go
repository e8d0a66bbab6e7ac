package main

import (
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
	var bins [10]struct{ sure, right, n float64 }
	var hit, said, meant float64
	caught, cases := 0, 0
	for _, a := range answers {
		gold, got := a.gold.intent.Rank(), a.got.Intent.Rank()
		f.confusion[gold][got]++
		f.cost += classify.Costs()[gold][got] / float64(f.n)
		sure := a.got.Probabilities[a.got.Intent]
		bin := &bins[min(9, int(sure*10))]
		bin.sure, bin.n = bin.sure+sure, bin.n+1
		if gold == got {
			bin.right++
		}
		if got <= 1 {
			f.flagged += 1 / float64(f.n)
		}
		if gold <= 1 {
			cases++
			if got <= 1 {
				caught++
			}
		}
		if gold <= 2 && a.got.Collapsible() {
			f.collapsible++
		}
		if a.gold.intent == classify.Spam && a.got.Collapsible() {
			f.folded++
		}
		f.setSize += float64(len(a.got.Set)) / float64(f.n)
		if slices.Contains(a.got.Set, a.gold.intent) {
			f.setCovers += 1 / float64(f.n)
		}
		f.urgency[slices.Index(classify.Urgencies(), a.gold.urgency)][slices.Index(classify.Urgencies(), a.got.Urgency)]++
		for _, t := range a.got.Topics {
			if slices.Contains(a.gold.topics, t) {
				hit++
			}
		}
		said, meant = said+float64(len(a.got.Topics)), meant+float64(len(a.gold.topics))
	}
	for _, a := range answers {
		f.data(a)
	}
	for _, b := range bins {
		f.ece += max(b.sure-b.right, b.right-b.sure) / float64(max(f.n, 1))
	}
	f.caught = float64(caught) / float64(max(cases, 1))
	f.topicsF1 = 2 * hit / max(said+meant, 1)
	table := make([][]int, 6)
	for i := range table {
		table[i] = f.confusion[i][:]
	}
	recall, f1 := byClass(table)
	copy(f.recall[:], recall)
	copy(f.f1[:], f1)
	f.macroF1 = mean(f1)
	rows := make([][]int, 4)
	for i := range rows {
		rows[i] = f.urgency[i][:]
	}
	_, f1 = byClass(rows)
	f.urgencyF1 = mean(f1)
	return f
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
