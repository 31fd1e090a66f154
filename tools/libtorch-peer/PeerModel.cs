using LibtorchPeer.Models;
using static TorchSharp.torch;

namespace LibtorchPeer;

/// <summary>A model by its name, as tools/export-bench-models.py exports it.</summary>
/// <param name="Create">Makes it, with its initial parameters.</param>
/// <param name="Shape">One example.</param>
/// <param name="TrainsWithSgd">SGD; the others take AdamW.</param>
internal sealed record PeerModel(Func<nn.Module<Tensor, Tensor>> Create, long[] Shape, bool TrainsWithSgd = false)
{
    private static readonly Dictionary<string, PeerModel> Models = new()
    {
        ["mlp"] = new(() => new Mlp(), [784]),
        ["lenet"] = new(() => new LeNet(), [1, 28, 28]),
        ["resnet18"] = new(() => ResNet.With18Layers(), [3, 32, 32], TrainsWithSgd: true),
        ["resnet18_stem7"] = new(() => ResNet.With18Layers(stem7: true), [3, 112, 112], TrainsWithSgd: true),
        ["resnet34"] = new(ResNet.With34Layers, [3, 32, 32], TrainsWithSgd: true),
        ["resnet50"] = new(ResNet.With50Layers, [3, 32, 32], TrainsWithSgd: true),
        ["vit"] = new(() => new Vit(size: 32, patch: 4), [3, 32, 32]),
        ["vit_p16"] = new(() => new Vit(size: 112, patch: 16), [3, 112, 112]),
    };

    public static IEnumerable<string> Names => Models.Keys;

    /// <returns>null where there is none of that name.</returns>
    public static PeerModel? Find(string name) => Models.GetValueOrDefault(name);
}
