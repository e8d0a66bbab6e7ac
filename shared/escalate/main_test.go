package escalate_test

import (
	"testing"

	"sence.gob.cl/gestor/shared/storetest/worker"
)

func TestMain(m *testing.M) { worker.Main(m) }
