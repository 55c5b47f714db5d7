// Prints what Helm's own engine renders of the chart in the folder it is given, with values in JSON where there are some, as `helm template` does.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
)

func main() {
	chart, err := loader.Load(os.Args[1])
	fail(err)
	release := chartutil.ReleaseOptions{Name: "keep", Namespace: "default", Revision: 1, IsInstall: true}
	given := map[string]interface{}{}
	if len(os.Args) > 2 {
		fail(json.Unmarshal([]byte(os.Args[2]), &given))
	}
	values, err := chartutil.ToRenderValues(chart, given, release, chartutil.DefaultCapabilities)
	fail(err)
	rendered, err := engine.Render(chart, values)
	fail(err)
	names := make([]string, 0, len(rendered))
	for name := range rendered {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if text := strings.TrimSpace(rendered[name]); text != "" && strings.HasSuffix(name, ".yaml") {
			fmt.Printf("---\n# Source: %s\n%s\n", name, text)
		}
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
