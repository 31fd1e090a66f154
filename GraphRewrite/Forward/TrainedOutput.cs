using GraphRewrite.Losses;

namespace GraphRewrite.Forward;

/// <summary>An output of a forward model that is trained.</summary>
/// <param name="Name">The output's name.</param>
/// <param name="Weight">What its loss counts in the sum of the losses.</param>
/// <param name="Loss">What it is compared with labels by; null: what all outputs are.</param>
public sealed record TrainedOutput(string Name, float Weight = 1, Loss? Loss = null);
