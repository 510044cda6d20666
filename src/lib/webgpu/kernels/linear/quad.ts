// Four lanes of a subgroup, among which WGSL's quad operations pass a value on with a single shuffle. Where a subgroup has just these four, as
// on SwiftShader, each of them loads something else of what all four need.

export const QUAD = 4;
