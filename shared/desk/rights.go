package desk

import "sence.gob.cl/gestor/shared/mention"

// rightWords says what a right of a network is for.
func rightWords(_ mention.Network, _ string) string { return "" }
