//! Seeded chance: the draws that the simulation is made of.

use std::ops::Range;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rand_distr::{Binomial, Distribution, Poisson};

use super::latency::Law;
use crate::metrics::as_weight;

/// A source of random draws. The same seed gives the same draws.
#[derive(Clone, Debug)]
pub struct Chance {
    rng: StdRng,
}

impl Chance {
    /// A source with this seed.
    pub fn new(seed: u64) -> Self {
        Self { rng: StdRng::seed_from_u64(seed) }
    }

    /// How many events happen where `mean` are expected.
    pub fn events(&mut self, mean: f64) -> u64 {
        if mean <= 0.0 {
            return 0;
        }
        // Refuses means that are no numbers only.
        Poisson::new(mean).map_or(0, |poisson| whole(poisson.sample(&mut self.rng)))
    }

    /// How many of `count` have a property that each has with this probability.
    pub fn share(&mut self, count: u64, probability: f64) -> u64 {
        if count == 0 || probability <= 0.0 {
            return 0;
        }
        if probability >= 1.0 {
            return count;
        }
        Binomial::new(count, probability).map_or(0, |binomial| binomial.sample(&mut self.rng))
    }

    /// How many of a part are chosen where `chosen` of `all` are, each with the same chance; never more than there
    /// are, and never so few that the rest could not make up for it.
    pub fn part(&mut self, part: u64, chosen: u64, all: u64) -> u64 {
        let chosen = chosen.min(all);
        if chosen == all || part == 0 {
            return part.min(chosen);
        }
        let drawn = self.share(part, as_weight(chosen) / as_weight(all));
        drawn.clamp(chosen.saturating_sub(all.saturating_sub(part)), part.min(chosen))
    }

    /// A number from 0 up to 1.
    pub fn number(&mut self) -> f64 {
        self.rng.random()
    }

    /// A value of a log-normal distribution, from those that lie between two quantiles (0 to 1).
    pub fn log_normal(&mut self, law: Law, quantiles: Range<f64>) -> f64 {
        let quantile = quantiles.start + (quantiles.end - quantiles.start) * self.rng.random::<f64>();
        law.median_ms * (law.sigma * standard_normal(quantile)).exp()
    }
}

/// A number from 0 to 1 that belongs to the seed and the text: what is random about a thing with a name, the same
/// in each run.
pub fn fraction(seed: u64, text: &str) -> f64 {
    // The upper 32 bits are a whole number that a double holds exactly.
    let upper = u32::try_from(bits(seed, text) >> 32).unwrap_or(u32::MAX);
    f64::from(upper) / f64::from(u32::MAX)
}

/// 64 bits that belong to the seed and the text.
pub fn bits(seed: u64, text: &str) -> u64 {
    // FNV-1a, then the finaliser of splitmix64 to spread short texts.
    let mut hash = text.bytes().fold(0xcbf2_9ce4_8422_2325 ^ seed, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

/// A number of requests from a double that holds one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates at both ends"
)]
pub fn whole(number: f64) -> u64 {
    number as u64
}

/// The value below which a standard normal variable lies with this probability, to 1e-9 (P. J. Acklam's rational
/// approximation).
fn standard_normal(probability: f64) -> f64 {
    const CENTRE_OVER: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const CENTRE_UNDER: [f64; 6] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
        1.0,
    ];
    const TAIL_OVER: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const TAIL_UNDER: [f64; 5] = [
        7.784_695_709_041_462e-3,
        3.224_671_290_700_398e-1,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
        1.0,
    ];
    const TAIL: f64 = 0.024_25;
    let polynomial = |coefficients: &[f64], x: f64| coefficients.iter().fold(0.0, |sum, term| sum * x + term);
    let tail = |probability: f64| {
        let x = (-2.0 * probability.ln()).sqrt();
        polynomial(&TAIL_OVER, x) / polynomial(&TAIL_UNDER, x)
    };
    let probability = probability.clamp(1e-12, 1.0 - 1e-12);
    if probability < TAIL {
        tail(probability)
    } else if probability > 1.0 - TAIL {
        -tail(1.0 - probability)
    } else {
        let offset = probability - 0.5;
        let square = offset * offset;
        offset * polynomial(&CENTRE_OVER, square) / polynomial(&CENTRE_UNDER, square)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quantiles_of_the_normal_distribution_are_right() {
        // From the tables.
        for (probability, value) in [(0.5, 0.0), (0.975, 1.959_964), (0.99, 2.326_348), (0.001, -3.090_232)] {
            assert!((standard_normal(probability) - value).abs() < 1e-5, "{probability}");
        }
    }

    #[test]
    fn a_log_normal_has_its_median_and_spread() {
        let mut chance = Chance::new(1);
        let mut values: Vec<f64> = (0..1_000)
            .map(|part| f64::from(part) / 1_000.0)
            .map(|low| chance.log_normal(Law { median_ms: 50.0, sigma: 0.5 }, low..low + 0.001))
            .collect();
        values.sort_by(f64::total_cmp);
        assert!((values[500] - 50.0).abs() < 1.0);
        assert!((values[990] - 50.0 * (0.5_f64 * 2.326).exp()).abs() < 8.0);
    }

    #[test]
    fn fractions_differ_by_name_and_seed() {
        let all = [fraction(1, "a"), fraction(1, "b"), fraction(2, "a")];
        assert!(all.iter().all(|fraction| (0.0..=1.0).contains(fraction)));
        assert!((all[0] - all[1]).abs() > 1e-3 && (all[0] - all[2]).abs() > 1e-3);
    }

    proptest! {
        #[test]
        fn parts_of_the_chosen_make_up_all_of_them(seed: u64, parts in prop::collection::vec(0_u64..50, 0..9), chosen in 0_u64..300) {
            let mut chance = Chance::new(seed);
            let mut all: u64 = parts.iter().sum();
            let wanted = chosen.min(all);
            let (mut left, mut got) = (wanted, 0);
            for part in parts {
                let taken = chance.part(part, left, all);
                prop_assert!(taken <= part);
                left -= taken;
                got += taken;
                all -= part;
            }
            prop_assert_eq!(got, wanted);
        }

        #[test]
        fn a_share_is_never_more_than_all(seed: u64, count in 0_u64..100_000, probability in -0.5_f64..1.5) {
            prop_assert!(Chance::new(seed).share(count, probability) <= count);
        }
    }
}
